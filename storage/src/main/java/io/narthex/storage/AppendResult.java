package io.narthex.storage;

/** What became of one sample. */
public enum AppendResult {
  /** It is part of the batch. */
  OK(""),
  /** The handle is of a series that no longer exists: ask for the series again. */
  NO_SERIES("unknown series reference"),
  /** Older than the newest sample of its series. */
  OUT_OF_ORDER("out of order sample"),
  /** Older than what the storage still takes. */
  OUT_OF_BOUNDS("out of bounds"),
  /** Older than the out-of-order window. */
  TOO_OLD("too old sample"),
  /** As old as the newest sample of its series, with another value. */
  DUPLICATE("duplicate sample for timestamp"),
  /**
   * A histogram that contradicts itself; {@link
   * io.narthex.model.histogram.HistogramRules#violation} says how.
   */
  INVALID_HISTOGRAM("invalid histogram");

  private final String message;

  AppendResult(String message) {
    this.message = message;
  }

  /** Prometheus' words for it. */
  public String message() {
    return message;
  }
}
