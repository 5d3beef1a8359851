package io.narthex.promql.printer;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.text.GoQuote;
import io.narthex.model.labels.LabelName;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.DurationExpr;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.TimeModifier;
import io.narthex.promql.ast.TimeSpan;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.VectorMatching;
import io.narthex.promql.ast.VectorMatching.Cardinality;
import io.narthex.promql.ast.VectorSelector;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Prints the canonical form. */
final class CanonicalPrinter {

  private static final String METRIC_NAME = "__name__";

  private final Output out;

  CanonicalPrinter(Output out) {
    this.out = out;
  }

  void print(Expr expr) {
    int start = out.width();
    // Chains of operators are long to the left.
    Deque<Binary> chain = new ArrayDeque<>();
    Expr innermost = expr;
    while (innermost instanceof Binary binary) {
      chain.push(binary);
      innermost = binary.left();
    }
    single(innermost);
    out.measured(innermost, start);
    for (Binary binary : chain) {
      out.add(" ");
      operator(binary);
      out.add(" ");
      print(binary.right());
      out.measured(binary, start);
    }
  }

  private void single(Expr expr) {
    switch (expr) {
      case Aggregate aggregate -> {
        aggregation(aggregate);
        out.add("(");
        Expr parameter = aggregate.parameter();
        if (parameter != null) {
          print(parameter);
          out.add(", ");
        }
        print(aggregate.expr());
        out.add(")");
      }
      case Binary binary -> print(binary);
      case Call call -> {
        out.add(call.function().name()).add("(");
        String separator = "";
        for (Expr argument : call.arguments()) {
          out.add(separator);
          print(argument);
          separator = ", ";
        }
        out.add(")");
      }
      case MatrixSelector matrix -> {
        VectorSelector selector = matrix.selector();
        series(selector);
        out.add("[");
        span(matrix.range());
        out.add("]");
        extension(selector);
        at(selector.time());
        offset(selector.time());
      }
      case NumberLiteral number -> number(number.value(), number.duration());
      case Paren paren -> {
        out.add("(");
        print(paren.expr());
        out.add(")");
      }
      case StringLiteral string -> out.add(GoQuote.quote(string.value()));
      case Subquery subquery -> {
        print(subquery.expr());
        subquerySuffix(subquery);
      }
      case Unary unary -> {
        sign(unary);
        print(unary.expr());
      }
      case VectorSelector selector -> {
        series(selector);
        at(selector.time());
        extension(selector);
        offset(selector.time());
      }
    }
  }

  void sign(Unary unary) {
    out.add(unary.sign() == Unary.Sign.MINUS ? "-" : "+");
  }

  /** An aggregation up to its parenthesis. */
  void aggregation(Aggregate aggregate) {
    out.add(aggregate.operator().text());
    if (aggregate.without()) {
      labels(" without", aggregate.grouping());
      out.add(" ");
    } else if (!aggregate.grouping().isEmpty()) {
      labels(" by", aggregate.grouping());
      out.add(" ");
    }
  }

  /** An operator and all that says how it works. */
  void operator(Binary binary) {
    out.add(binary.operator().symbol());
    if (binary.bool()) {
      out.add(" bool");
    }
    VectorMatching matching = binary.matching();
    if (matching == null) {
      return;
    }
    Cardinality cardinality = matching.cardinality();
    boolean grouped =
        cardinality == Cardinality.MANY_TO_ONE || cardinality == Cardinality.ONE_TO_MANY;
    if (matching.on() || grouped || !matching.labels().isEmpty()) {
      labels(matching.on() ? " on" : " ignoring", matching.labels());
    }
    if (grouped) {
      boolean left = cardinality == Cardinality.MANY_TO_ONE;
      labels(left ? " group_left" : " group_right", matching.include());
    }
    fill(matching);
  }

  private void fill(VectorMatching matching) {
    Double left = matching.fillLeft();
    Double right = matching.fillRight();
    if (left != null && right != null && left.doubleValue() == right.doubleValue()) {
      out.add(" fill (").add(Numbers.general(left)).add(")");
      return;
    }
    if (left != null) {
      out.add(" fill_left (").add(Numbers.general(left)).add(")");
    }
    if (right != null) {
      out.add(" fill_right (").add(Numbers.general(right)).add(")");
    }
  }

  private void labels(String keyword, List<String> labels) {
    out.add(keyword).add(" (");
    String separator = "";
    for (String label : labels) {
      out.add(separator).add(isBare(label) ? label : GoQuote.quote(label));
      separator = ", ";
    }
    out.add(")");
  }

  /** Whether a label is read as one without quotes; these two words are numbers. */
  private static boolean isBare(String label) {
    return LabelName.isLegacy(label)
        && !label.equalsIgnoreCase("inf")
        && !label.equalsIgnoreCase("nan");
  }

  /** The name and the matchers, which are sorted as text. */
  private void series(VectorSelector selector) {
    out.add(selector.name());
    List<String> matchers =
        selector.matchers().stream()
            .filter(matcher -> !isName(matcher, selector))
            .map(Matcher::toString)
            .sorted(Utf8::compare)
            .toList();
    if (!matchers.isEmpty()) {
      out.add("{").add(String.join(",", matchers)).add("}");
    }
  }

  /** Whether a matcher says the same as the name before the braces. */
  private static boolean isName(Matcher matcher, VectorSelector selector) {
    return matcher.type() == Matcher.Type.EQUAL
        && matcher.name().equals(METRIC_NAME)
        && !matcher.value().isEmpty()
        && matcher.value().equals(selector.name());
  }

  private void extension(VectorSelector selector) {
    switch (selector.extension()) {
      case NONE -> {}
      case ANCHORED -> out.add(" anchored");
      case SMOOTHED -> out.add(" smoothed");
    }
  }

  /** All of a subquery behind its expression. */
  void subquerySuffix(Subquery subquery) {
    out.add("[");
    span(subquery.range());
    out.add(":");
    TimeSpan step = subquery.step();
    if (step != null) {
      span(step);
    }
    out.add("]");
    at(subquery.time());
    offset(subquery.time());
  }

  private void at(TimeModifier time) {
    Long millis = time.atMillis();
    if (millis != null) {
      BigDecimal seconds = new BigDecimal(millis / 1000.0).setScale(3, RoundingMode.HALF_EVEN);
      out.add(" @ ").add(seconds.toPlainString());
    } else if (time.preprocessor() != null) {
      out.add(time.preprocessor() == TimeModifier.Preprocessor.START ? " @ start()" : " @ end()");
    }
  }

  private void offset(TimeModifier time) {
    TimeSpan offset = time.offset();
    if (offset.expr() == null && offset.millis() == 0) {
      return;
    }
    out.add(" offset ");
    span(offset);
  }

  private void span(TimeSpan span) {
    DurationExpr expr = span.expr();
    if (expr != null) {
      print(expr);
    } else {
      out.add(Numbers.duration(span.millis()));
    }
  }

  void print(DurationExpr expr) {
    if (expr.wrapped()) {
      out.add("(");
    }
    switch (expr) {
      case DurationExpr.Literal literal -> number(literal.seconds(), literal.duration());
      case DurationExpr.Signed signed -> {
        if (signed.sign() == Unary.Sign.MINUS) {
          out.add("-");
        }
        print(signed.expr());
      }
      case DurationExpr.Combined combined -> {
        print(combined.left());
        out.add(" ").add(combined.operator().symbol()).add(" ");
        print(combined.right());
      }
      case DurationExpr.Function function -> {
        out.add(function.name().text()).add("(");
        DurationExpr left = function.left();
        DurationExpr right = function.right();
        if (left != null && right != null) {
          print(left);
          out.add(", ");
          print(right);
        }
        out.add(")");
      }
    }
    if (expr.wrapped()) {
      out.add(")");
    }
  }

  private void number(double value, boolean duration) {
    out.add(duration ? Numbers.duration(Numbers.millis(value)) : Numbers.plain(value));
  }
}
