package io.narthex.promql.engine.explain;

import io.narthex.promql.engine.core.PlanNote;
import io.narthex.promql.engine.core.QueryStats;
import java.util.ArrayList;
import java.util.List;

/**
 * How a query was planned, and what it cost if it was evaluated.
 *
 * @param query its text
 * @param evaluated whether it was; otherwise all figures are 0
 * @param steps the moments it is evaluated at
 * @param root the result, with the query's outermost part below it
 * @param stats the whole query's costs
 * @param bytes the most memory that the query held: all that it took
 * @param resultSeries the series of the result
 */
public record Plan(
    String query,
    boolean evaluated,
    int steps,
    Node root,
    QueryStats stats,
    long bytes,
    int resultSeries) {

  /** All nodes, each before those below it. */
  public List<Node> nodes() {
    List<Node> all = new ArrayList<>();
    List<Node> open = new ArrayList<>(List.of(root));
    while (!open.isEmpty()) {
      Node node = open.removeLast();
      all.add(node);
      open.addAll(node.children().reversed());
    }
    return all;
  }

  /** What a node is. */
  public enum Kind {
    RESULT("result"),
    SELECTOR("selector"),
    RANGE_SELECTOR("range-selector"),
    SUBQUERY("subquery"),
    FUNCTION("function"),
    AGGREGATION("aggregation"),
    OPERATOR("operator"),
    SIGN("sign"),
    LITERAL("literal"),
    /** A part that is evaluated elsewhere in the plan. */
    REFERENCE("reference");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** The name in the API. */
    public String text() {
      return text;
    }
  }

  /**
   * A part of the query. Times are the sums over all threads that worked on it.
   *
   * @param id counted from 1, in the order of planning; 0 for the result
   * @param expr the part as it was planned, in PromQL
   * @param start where it begins in the query, in bytes; negative if nowhere
   * @param end the byte behind it
   * @param refersTo of a reference, the node that it stands for; else 0
   * @param series the series that it yields, those without values included
   * @param samples the values that it yielded, again each time that it was read
   * @param samplesRead the samples that it looked at itself, as they count for query.max-samples
   * @param nanos the time spent on it and on what is below it
   * @param selfNanos the time spent on it alone
   * @param bytes the memory that it and what is below it took; nothing is given back before the
   *     query ends, so it is its peak
   * @param selfBytes the memory that it took itself
   */
  public record Node(
      int id,
      Kind kind,
      String expr,
      int start,
      int end,
      int refersTo,
      List<PlanNote> notes,
      long series,
      long samples,
      long samplesRead,
      long nanos,
      long selfNanos,
      long bytes,
      long selfBytes,
      List<Node> children) {}
}
