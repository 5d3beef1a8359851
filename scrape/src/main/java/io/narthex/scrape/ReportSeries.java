package io.narthex.scrape;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;

/** The series that a loop writes about its target: {@code up} and the scrape_* ones. */
final class ReportSeries {

  private static final String[] NAMES = {
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
    "scrape_timeout_seconds",
    "scrape_sample_limit",
    "scrape_body_size_bytes"
  };
  private static final int PLAIN = 5;

  private final Labels target;
  private final long[] handles;

  ReportSeries(Labels target, boolean extra) {
    this.target = target;
    this.handles = new long[extra ? NAMES.length : PLAIN];
  }

  /** Appends one sample of each; values beyond the series that are written are ignored. */
  void append(Appender appender, long time, double[] values) {
    for (int i = 0; i < handles.length; i++) {
      append(appender, i, time, values[i]);
    }
  }

  /** Ends the series. */
  void end(Appender appender, long time) {
    for (int i = 0; i < handles.length; i++) {
      if (handles[i] != 0) {
        end(appender, i, time);
      }
    }
  }

  private void end(Appender appender, int series, long time) {
    if (appender.appendInOrder(handles[series], time, StaleMarker.VALUE)
        == AppendResult.NO_SERIES) {
      handles[series] = create(appender, series);
      // Out of order or twice: a target that went and came back, whose other loop was first.
      appender.appendInOrder(handles[series], time, StaleMarker.VALUE);
    }
  }

  private void append(Appender appender, int series, long time, double value) {
    if (handles[series] == 0) {
      handles[series] = create(appender, series);
    }
    if (appender.append(handles[series], time, value) == AppendResult.NO_SERIES) {
      handles[series] = create(appender, series);
      appender.append(handles[series], time, value);
    }
  }

  private long create(Appender appender, int series) {
    LabelsBuilder labels = new LabelsBuilder().from(target);
    return appender.series(labels.set(Labels.METRIC_NAME, NAMES[series]).build());
  }
}
