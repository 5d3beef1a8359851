package io.narthex.promql.engine;

import io.narthex.promql.ast.Expr;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryContext;
import io.narthex.promql.engine.core.SampleCounter;
import io.narthex.promql.engine.core.Shared;
import io.narthex.promql.engine.rewrite.Subexpressions;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one query that stand in it more than once and are planned once. The same text means
 * the same only at the same moments and where histograms are read in the same way, so these belong
 * to the key.
 */
final class Sharing {

  /** Nothing is shared. */
  static final Sharing NONE = new Sharing(null, null, null);

  private final @Nullable Subexpressions parts;
  private final @Nullable QueryContext context;
  private final @Nullable PlanNotes notes;
  private final Map<Object, Known> known = new HashMap<>();

  private final Map<Object, SampleCounter> counters = new HashMap<>();

  private record Key(int number, Grid grid, Enum<?> histograms, SampleCounter counter) {}

  /** A part that is planned, and the samples that were looked at while it was. */
  private record Known(Operator operator, long looked) {}

  private Sharing(
      @Nullable Subexpressions parts, @Nullable QueryContext context, @Nullable PlanNotes notes) {
    this.parts = parts;
    this.context = context;
    this.notes = notes;
  }

  /** What can be shared in a query. */
  static Sharing of(Expr query, QueryContext context, PlanNotes notes) {
    // Counted by step, each place has samples of its own; that is not kept per column.
    return context.countsPerStep() ? NONE : new Sharing(Subexpressions.of(query), context, notes);
  }

  /** The counter within a subquery; the same one for subqueries over the same moments. */
  SampleCounter inner(Object moments, Supplier<SampleCounter> make) {
    return parts == null ? make.get() : counters.computeIfAbsent(moments, m -> make.get());
  }

  /** What makes a part the same as another; null if there is no other. */
  @Nullable Object key(Expr expr, Grid grid, Enum<?> histograms, SampleCounter counter) {
    Integer number = parts == null ? null : parts.shared(expr);
    return number == null ? null : new Key(number, grid, histograms, counter);
  }

  /** The operator of a part that was planned before. */
  @Nullable Operator known(@Nullable Object key) {
    Known before = key == null ? null : known.get(key);
    if (before == null || context == null) {
      return null;
    }
    // What Prometheus looks at twice counts twice.
    context.looked(before.looked, 0);
    return before.operator;
  }

  /** The operator of a part, such that it can be read for several places. */
  Operator keep(@Nullable Object key, Operator operator) {
    if (!(key instanceof Key k) || context == null || parts == null || notes == null) {
      return operator;
    }
    boolean lies = operator instanceof Materialized;
    notes.shared(parts.places(k.number), !lies);
    return lies ? operator : new Shared(operator, context);
  }

  /**
   * Keeps a part for the next place.
   *
   * @param before how many samples the query had looked at before the part was planned
   */
  void planned(@Nullable Object key, Operator operator, long before) {
    if (key != null && context != null) {
      known.put(key, new Known(operator, context.samples() - before));
    }
  }
}
