package io.narthex.promql.engine.core;

/**
 * What the planner did at a node of the plan.
 *
 * @param detail for people
 */
public record PlanNote(Kind kind, String detail) {

  /** The things that it does. */
  public enum Kind {
    /** A scalar that depends on nothing was computed while planning. */
    CONSTANT_FOLDED("constant-folded"),
    /** Has the same value at every step and is evaluated at one. */
    STEP_INVARIANT("step-invariant"),
    /** Stands in the query more than once and is evaluated once. */
    SHARED("shared"),
    /** Selects less, as its partner in a join selects less. */
    MATCHERS_PROPAGATED("matchers-propagated"),
    /** Works on each series while it is read, so that nothing is kept in between. */
    FUSED("fused"),
    /** Is answered from the index and the newest samples: no labels, no chunks. */
    POSTINGS_ONLY("postings-only"),
    /** Makes only some of the labels. */
    LABELS_PROJECTED("labels-projected"),
    /** Was read by several threads. */
    PARALLEL("parallel");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** The name in the API. */
    public String text() {
      return text;
    }
  }
}
