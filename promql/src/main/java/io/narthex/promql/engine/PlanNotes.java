package io.narthex.promql.engine;

import io.narthex.base.bytes.GoFloat;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.PlanNote;
import io.narthex.promql.engine.core.PlanWatch;
import io.narthex.promql.engine.core.ScalarOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the planner says about the plan, where anybody listens; else it says nothing. */
final class PlanNotes {

  /** Nobody listens. */
  static final PlanNotes NONE = new PlanNotes(null, Map.of());

  private final @Nullable PlanWatch watch;
  private final Map<Expr, List<Matcher>> propagated;

  /**
   * @param watch who listens
   * @param propagated by selector, the matchers that came from the other side of a join
   */
  PlanNotes(@Nullable PlanWatch watch, Map<Expr, List<Matcher>> propagated) {
    this.watch = watch;
    this.propagated = propagated;
  }

  void begin(Expr expr) {
    if (watch != null) {
      watch.begin(expr);
    }
  }

  void beginAround(Expr expr) {
    if (watch != null) {
      watch.beginAround(expr);
    }
  }

  Operator end(Operator operator) {
    return watch == null ? operator : watch.end(operator);
  }

  void again(Expr expr, Operator known) {
    if (watch != null) {
      watch.again(expr, known);
    }
  }

  void folded(Operator constant) {
    if (watch != null) {
      String value = GoFloat.text(ScalarOperator.values(constant)[0]);
      watch.note(new PlanNote(PlanNote.Kind.CONSTANT_FOLDED, "is " + value));
    }
  }

  void invariant(int steps) {
    if (watch != null) {
      watch.note(
          new PlanNote(PlanNote.Kind.STEP_INVARIANT, "evaluated once for " + steps + " steps"));
    }
  }

  void shared(int places, boolean kept) {
    if (watch != null) {
      watch.note(
          new PlanNote(
              PlanNote.Kind.SHARED,
              "stands at %d places; %s"
                  .formatted(
                      places,
                      kept ? "what it yields is kept" : "what it yields lies in memory anyway")));
    }
  }

  void selector(VectorSelector selector) {
    if (watch != null) {
      propagated(selector).forEach(watch::note);
    }
  }

  private List<PlanNote> propagated(VectorSelector selector) {
    List<Matcher> matchers = propagated.getOrDefault(selector, List.of());
    return matchers.isEmpty()
        ? List.of()
        : List.of(
            new PlanNote(
                PlanNote.Kind.MATCHERS_PROPAGATED,
                matchers.stream().map(Matcher::toString).collect(Collectors.joining(", "))
                    + " from the other side of the join"));
  }

  /** A function reads a range; without a name the range itself is the answer. */
  void range(String function, Expr range, int series) {
    if (watch == null) {
      return;
    }
    if (range instanceof MatrixSelector selector) {
      watch.source(range, series, propagated(selector.selector()));
    }
    if (!function.isEmpty()) {
      watch.note(
          new PlanNote(
              PlanNote.Kind.FUSED,
              range instanceof Subquery
                  ? function + " reads the subquery's columns one by one"
                  : "each series is decoded and " + function + " computes all its steps at once"));
    }
  }

  void aggregate(Aggregate aggregate, Grid grid) {
    if (watch == null) {
      return;
    }
    switch (aggregate.operator()) {
      case SUM, AVG, COUNT, MIN, MAX, GROUP, STDDEV, STDVAR ->
          watch.note(
              new PlanNote(
                  PlanNote.Kind.FUSED,
                  "each series is added to its group when it is read; none is kept"));
      case TOPK, BOTTOMK, LIMITK, LIMIT_RATIO ->
          watch.note(
              new PlanNote(
                  PlanNote.Kind.FUSED, "series are read one by one; only what is chosen is kept"));
      case COUNT_VALUES, QUANTILE -> {}
    }
    boolean counts =
        aggregate.operator() == Aggregate.Operator.COUNT
            || aggregate.operator() == Aggregate.Operator.GROUP;
    boolean nothing = !aggregate.without() && aggregate.grouping().isEmpty();
    // Over several moments it takes more than the newest samples.
    if (counts && nothing && grid.count() == 1 && aggregate.expr() instanceof VectorSelector) {
      watch.note(
          new PlanNote(
              PlanNote.Kind.POSTINGS_ONLY,
              "series come from the index, whether they live from their newest samples; no label"
                  + " is made"));
    }
    projection(aggregate, nothing);
  }

  private void projection(Aggregate aggregate, boolean nothing) {
    if (watch == null
        || !(aggregate.expr() instanceof VectorSelector || aggregate.expr() instanceof Call)) {
      return;
    }
    switch (aggregate.operator()) {
      case SUM, AVG, COUNT, MIN, MAX, GROUP, STDDEV, STDVAR -> {
        List<String> names = new ArrayList<>(aggregate.grouping());
        String text =
            nothing
                ? "no labels"
                : (aggregate.without() ? "all labels but the name" : "only")
                    + (names.isEmpty() ? "" : (aggregate.without() ? " and " : " "))
                    + String.join(", ", names);
        watch.note(new PlanNote(PlanNote.Kind.LABELS_PROJECTED, text));
      }
      case TOPK, BOTTOMK, LIMITK, LIMIT_RATIO, COUNT_VALUES, QUANTILE -> {}
    }
  }
}
