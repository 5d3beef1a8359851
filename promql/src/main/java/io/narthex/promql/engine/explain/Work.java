package io.narthex.promql.engine.explain;

import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.engine.core.PlanNote;
import io.narthex.promql.printer.Printer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/** A node while it is worked on. Its tree belongs to the query's thread, its figures to all. */
final class Work {

  /** Longer expressions than this are cut: their parts are shown below them. */
  private static final int MOST_TEXT = 400;

  final int id;
  final Plan.Kind kind;
  final Expr expr;
  final List<Work> children = new ArrayList<>();
  final ConcurrentLinkedQueue<PlanNote> notes = new ConcurrentLinkedQueue<>();
  final LongAdder samples = new LongAdder();
  final LongAdder samplesRead = new LongAdder();
  final LongAdder selfNanos = new LongAdder();
  final LongAdder selfBytes = new LongAdder();
  int refersTo;
  volatile long series;

  Work(int id, Plan.Kind kind, Expr expr) {
    this.id = id;
    this.kind = kind;
    this.expr = expr;
  }

  static Plan.Kind kind(Expr expr) {
    return switch (expr) {
      case VectorSelector s -> Plan.Kind.SELECTOR;
      case MatrixSelector m -> Plan.Kind.RANGE_SELECTOR;
      case Subquery s -> Plan.Kind.SUBQUERY;
      case Call c -> Plan.Kind.FUNCTION;
      case Aggregate a -> Plan.Kind.AGGREGATION;
      case Binary b -> Plan.Kind.OPERATOR;
      case Unary u -> Plan.Kind.SIGN;
      case Paren p -> kind(p.expr());
      case NumberLiteral n -> Plan.Kind.LITERAL;
      case StringLiteral s -> Plan.Kind.LITERAL;
    };
  }

  Plan.Node node() {
    List<Plan.Node> below = new ArrayList<>();
    long nanos = selfNanos.sum();
    long bytes = selfBytes.sum();
    for (Work child : children) {
      Plan.Node node = child.node();
      below.add(node);
      nanos += node.nanos();
      bytes += node.bytes();
    }
    String text = Printer.print(expr);
    return new Plan.Node(
        id,
        kind,
        text.length() > MOST_TEXT ? text.substring(0, MOST_TEXT) + "..." : text,
        expr.position().start(),
        expr.position().end(),
        refersTo,
        List.copyOf(notes),
        series,
        samples.sum(),
        samplesRead.sum(),
        nanos,
        selfNanos.sum(),
        bytes,
        selfBytes.sum(),
        List.copyOf(below));
  }
}
