package io.narthex.model.exposition;

import java.util.Locale;

/** The types of the exposition formats, named as the HTTP API names them. */
public enum MetricType {
  UNKNOWN,
  COUNTER,
  GAUGE,
  HISTOGRAM,
  GAUGEHISTOGRAM,
  SUMMARY,
  INFO,
  STATESET;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The type's name in lower case. */
  public String text() {
    return text;
  }
}
