package io.narthex.promql.engine.explain;

import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.PlanNote;
import io.narthex.promql.engine.core.PlanWatch;
import io.narthex.promql.engine.core.QueryStats;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes down the plan of one query and what its parts cost.
 *
 * <p>Each thread has a stack of the parts that are at work on it: a part that is being planned, or
 * whose column is being read, lies on that of the part that asked for it. Time counts for the top
 * of the stack alone, so the times of all parts add up to the time that all threads spent, whatever
 * is evaluated while planning, while reading, or by a helper.
 */
public final class PlanRecorder implements PlanWatch {

  private static final Expr NOTHING = new NumberLiteral(0, false, new Position(-1, -1));

  private final Clock clock;
  private final ThreadLocal<Frame> frames = new ThreadLocal<>();
  private final Map<Operator, Integer> planned = new IdentityHashMap<>();
  private Work root = new Work(0, Plan.Kind.RESULT, NOTHING);
  private int nodes;

  /** What is at work on a thread. */
  private static final class Frame {
    private final Work work;
    private final @Nullable Frame below;
    private long since;

    Frame(Work work, @Nullable Frame below, long now) {
      this.work = work;
      this.below = below;
      this.since = now;
    }
  }

  /** For one query. */
  public PlanRecorder(Clock clock) {
    this.clock = clock;
  }

  /** What was seen, when the query is over. */
  public Plan plan(
      String query, boolean evaluated, int steps, QueryStats stats, long bytes, int resultSeries) {
    root.series = resultSeries;
    return new Plan(query, evaluated, steps, root.node(), stats, bytes, resultSeries);
  }

  private void push(Work work) {
    Frame below = frames.get();
    long now = clock.nanos();
    if (below != null) {
      below.work.selfNanos.add(now - below.since);
    }
    frames.set(new Frame(work, below, now));
  }

  private Work pop() {
    Frame top = frames.get();
    long now = clock.nanos();
    top.work.selfNanos.add(now - top.since);
    if (top.below == null) {
      frames.remove();
    } else {
      top.below.since = now;
      frames.set(top.below);
    }
    return top.work;
  }

  private Work current() {
    Frame top = frames.get();
    return top == null ? root : top.work;
  }

  @Override
  public void beginResult(Expr query) {
    root = new Work(0, Plan.Kind.RESULT, query);
    push(root);
  }

  @Override
  public void endResult() {
    // Where a query fails, parts of it have not ended.
    while (frames.get() != null) {
      pop();
    }
  }

  @Override
  public void begin(Expr expr) {
    Work work = new Work(++nodes, Work.kind(expr), expr);
    current().children.add(work);
    push(work);
  }

  @Override
  public void beginAround(Expr expr) {
    Work around = current();
    Work first = around.children.isEmpty() ? null : around.children.removeLast();
    begin(expr);
    if (first != null) {
      current().children.add(first);
    }
  }

  @Override
  public Operator end(Operator operator) {
    Work work = pop();
    work.series = operator.size();
    Operator watched = operator;
    if (operator instanceof Materialized known) {
      for (int i = 0; i < known.size(); i++) {
        work.samples.add(known.column(i).count());
      }
    } else {
      watched = new Watched(operator, work);
    }
    planned.put(watched, work.id);
    return watched;
  }

  @Override
  public void source(Expr expr, int series, List<PlanNote> notes) {
    Work work = new Work(++nodes, Work.kind(expr), expr);
    work.series = series;
    work.notes.addAll(notes);
    current().children.add(work);
  }

  @Override
  public void again(Expr expr, Operator before) {
    Work work = new Work(++nodes, Plan.Kind.REFERENCE, expr);
    work.refersTo = planned.getOrDefault(before, 0);
    work.series = before.size();
    work.notes.add(new PlanNote(PlanNote.Kind.SHARED, "evaluated at #" + work.refersTo));
    current().children.add(work);
  }

  @Override
  public void note(PlanNote note) {
    Work work = current();
    if (!work.notes.contains(note)) {
      work.notes.add(note);
    }
  }

  @Override
  public void looked(long samples) {
    current().samplesRead.add(samples);
  }

  @Override
  public void took(long bytes) {
    current().selfBytes.add(bytes);
  }

  /** The operator of a node, whose reading is counted for the node. */
  private final class Watched implements Operator {
    private final Operator input;
    private final Work work;

    Watched(Operator input, Work work) {
      this.input = input;
      this.work = work;
    }

    @Override
    public Grid grid() {
      return input.grid();
    }

    @Override
    public int size() {
      return input.size();
    }

    @Override
    public Labels labels(int series) {
      return input.labels(series);
    }

    @Override
    public Labels labels(int series, LabelProjection needed) {
      return input.labels(series, needed);
    }

    @Override
    public boolean nameDropped(int series) {
      return input.nameDropped(series);
    }

    @Override
    public boolean distinct() {
      return input.distinct();
    }

    @Override
    public boolean distinctWithoutName() {
      return input.distinctWithoutName();
    }

    @Override
    public Reader reader() {
      Operator.Reader reader = input.reader();
      return (int series, Column into) -> {
        push(work);
        try {
          reader.read(series, into);
          work.samples.add(into.count());
        } finally {
          pop();
        }
      };
    }
  }
}
