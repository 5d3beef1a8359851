package io.narthex.promql.engine.core;

import io.narthex.promql.ast.Expr;
import java.util.List;

/**
 * Sees how a query is planned and what its parts cost. There is one only while a query is
 * explained: everybody else asks for it, finds null, and does no more than that.
 *
 * <p>Nodes begin and end on the query's own thread, nested; the other methods are thread-safe and
 * concern the node that works on the calling thread, or the result if there is none.
 */
public interface PlanWatch {

  /** What follows is for the result of the whole query. */
  void beginResult(Expr query);

  /** The result is complete. */
  void endResult();

  /** A part of the query is being planned. */
  void begin(Expr expr);

  /**
   * A part of the query is being planned whose first operand was planned just before: what was
   * planned last belongs below it.
   */
  void beginAround(Expr expr);

  /**
   * The part that began last is planned.
   *
   * @return the operator to use in its place, which tells what reading it costs
   */
  Operator end(Operator operator);

  /**
   * A part that has no operator of its own, as the one around it reads the storage for it.
   *
   * @param series how many series were found
   */
  void source(Expr expr, int series, List<PlanNote> notes);

  /** A part that was planned before stands here once more. */
  void again(Expr expr, Operator before);

  /** The planner did something. */
  void note(PlanNote note);

  /** Samples were looked at. */
  void looked(long samples);

  /** Memory was taken. */
  void took(long bytes);
}
