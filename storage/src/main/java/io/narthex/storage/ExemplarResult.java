package io.narthex.storage;

/** What became of one exemplar. */
public enum ExemplarResult {
  /** It is part of the batch. */
  OK(""),
  /** The newest exemplar of its series is the same one: targets show theirs again and again. */
  DUPLICATE("duplicate exemplar"),
  /** Older than the newest one of its series, and than what the storage takes out of order. */
  OUT_OF_ORDER("out of order exemplar"),
  /** Its labels are too long. */
  TOO_LONG("label length for exemplar exceeds maximum of 128 UTF-8 characters"),
  /** The handle is of a series that no longer exists. */
  NO_SERIES("unknown series reference"),
  /** The storage keeps no exemplars. */
  DISABLED("exemplar storage is disabled or max exemplars is less than or equal to 0");

  private final String message;

  ExemplarResult(String message) {
    this.message = message;
  }

  /** Prometheus' words for it. */
  public String message() {
    return message;
  }
}
