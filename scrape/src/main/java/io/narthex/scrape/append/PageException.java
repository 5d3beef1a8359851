package io.narthex.scrape.append;

/** A page that breaks a rule of its scrape configuration; the message is Prometheus'. */
public final class PageException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Which rule was broken, for the metrics. */
  public enum Rule {
    SAMPLE_LIMIT,
    LABEL_LIMIT,
    BUCKET_LIMIT,
    /** A native histogram that contradicts itself. */
    HISTOGRAM,
    NAMES
  }

  private final Rule rule;

  PageException(Rule rule, String message) {
    // Thrown once per scrape of a wrong target: the stack would say nothing.
    super(message, null, false, false);
    this.rule = rule;
  }

  public Rule rule() {
    return rule;
  }
}
