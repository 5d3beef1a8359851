package io.narthex.promql.engine.binary;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.IncompatibleHistogramsException;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.BinaryOperator;
import io.narthex.promql.engine.core.Annotations;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Remarks;
import io.narthex.storage.StopSignal;
import org.jspecify.annotations.Nullable;

/** An arithmetic, comparing or trimming operator applied to columns, histograms included. */
final class ValueOperator {

  private final Binary binary;
  private final BinaryOperator operator;
  private final Annotations annotations;

  ValueOperator(Binary binary, Annotations annotations) {
    this.binary = binary;
    this.operator = binary.operator();
    this.annotations = annotations;
  }

  /** Whether a result is no longer the metric of an operand. */
  static boolean changesMeaning(Binary binary) {
    return binary.operator().kind() == BinaryOperator.Kind.ARITHMETIC;
  }

  /**
   * Computes all steps.
   *
   * @param keepRight whether a filter keeps the value of the right side: where the left is a scalar
   * @param into may be one of the operands
   */
  void apply(Column left, Column right, boolean keepRight, Column into) {
    boolean plain =
        !left.hasHistograms()
            && !right.hasHistograms()
            && operator.kind() != BinaryOperator.Kind.TRIM;
    if (!plain) {
      for (int i = 0; i < into.steps(); i++) {
        StopSignal.every(i);
        applyStep(left, right, i, keepRight, into);
      }
      return;
    }
    if (operator.kind() == BinaryOperator.Kind.ARITHMETIC) {
      FloatMath.arithmetic(operator, left.values(), right.values(), into.values());
    } else {
      FloatMath.compare(
          operator,
          binary.bool(),
          left.values(),
          right.values(),
          keepRight ? right.values() : left.values(),
          into.values());
    }
    into.clearHistograms();
  }

  /** Computes one step of the columns. */
  void applyStep(Column left, Column right, int step, boolean keepRight, Column into) {
    if (!left.present(step) || !right.present(step)) {
      into.remove(step);
      return;
    }
    double a = left.values()[step];
    double b = right.values()[step];
    FloatHistogram h = left.histogram(step);
    FloatHistogram k = right.histogram(step);
    into.remove(step);
    if (h == null && k == null) {
      floats(a, b, step, keepRight, into);
    } else if (h != null && k != null) {
      histograms(h, k, step, into);
    } else if (h != null) {
      switch (operator) {
        case MULTIPLY -> into.set(step, h.copy().multiply(b).compact());
        case DIVIDE -> into.set(step, h.copy().divide(b).compact());
        case TRIM_UPPER -> into.set(step, HistogramTrim.keepBelow(h.copy(), b));
        case TRIM_LOWER -> into.set(step, HistogramTrim.keepAbove(h.copy(), b));
        case ADD,
            SUBTRACT,
            MODULO,
            POWER,
            ATAN2,
            EQUAL,
            NOT_EQUAL,
            LESS,
            LESS_OR_EQUAL,
            GREATER,
            GREATER_OR_EQUAL,
            AND,
            OR,
            UNLESS ->
            incompatible("histogram", "float");
      }
    } else if (operator == BinaryOperator.MULTIPLY && k != null) {
      into.set(step, k.copy().multiply(a).compact());
    } else {
      incompatible("float", "histogram");
    }
  }

  private void floats(double a, double b, int step, boolean keepRight, Column into) {
    switch (operator.kind()) {
      case ARITHMETIC -> into.set(step, FloatMath.arithmetic(operator, a, b));
      case COMPARISON -> {
        boolean holds = FloatMath.holds(operator, a, b);
        if (binary.bool()) {
          into.set(step, holds ? 1 : 0);
        } else if (holds) {
          into.set(step, keepRight ? b : a);
        }
      }
      case TRIM -> incompatible("float", "float");
      case SET -> throw new IllegalStateException("not an operator on values: " + operator);
    }
  }

  private void histograms(FloatHistogram a, FloatHistogram b, int step, Column into) {
    switch (operator) {
      case ADD, SUBTRACT -> {
        boolean add = operator == BinaryOperator.ADD;
        String name = add ? "addition" : "subtraction";
        FloatHistogram result = combine(a, b, add);
        if (result == null) {
          return;
        }
        if (result.resetCollision()) {
          annotations.warn(Remarks.resetCollision(name), binary.position());
        }
        if (result.boundsReconciled()) {
          annotations.info(Remarks.reconciled(name), binary.position());
        }
        if (!add) {
          result.hint(ResetHint.GAUGE);
        }
        into.set(step, result.compact());
      }
      case EQUAL, NOT_EQUAL -> {
        boolean holds = a.sameAs(b) == (operator == BinaryOperator.EQUAL);
        if (binary.bool()) {
          into.set(step, holds ? 1 : 0);
        } else if (holds) {
          into.set(step, a);
        }
      }
      case MULTIPLY,
          DIVIDE,
          MODULO,
          POWER,
          ATAN2,
          LESS,
          LESS_OR_EQUAL,
          GREATER,
          GREATER_OR_EQUAL,
          TRIM_UPPER,
          TRIM_LOWER,
          AND,
          OR,
          UNLESS ->
          incompatible("histogram", "histogram");
    }
  }

  private @Nullable FloatHistogram combine(FloatHistogram a, FloatHistogram b, boolean add) {
    try {
      return add ? a.copy().add(b) : a.copy().subtract(b);
    } catch (IncompatibleHistogramsException e) {
      annotations.warn(
          "incompatible bucket layout encountered for binary operator " + operator.symbol(),
          binary.position());
      return null;
    }
  }

  private void incompatible(String left, String right) {
    String symbol = operator.symbol();
    annotations.info(
        "incompatible sample types encountered for binary operator "
            + Remarks.quoted(symbol)
            + ": "
            + left
            + " "
            + symbol
            + " "
            + right,
        binary.position());
  }
}
