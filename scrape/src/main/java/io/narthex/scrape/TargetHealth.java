package io.narthex.scrape;

/** What the last scrape of a target said. */
public enum TargetHealth {
  /** There was none yet. */
  UNKNOWN("unknown"),
  UP("up"),
  DOWN("down");

  private final String text;

  TargetHealth(String text) {
    this.text = text;
  }

  /** The name in the HTTP API. */
  public String text() {
    return text;
  }
}
