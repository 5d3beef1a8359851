package io.narthex.promql.engine.range;

import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.promql.engine.core.LabelProjection;

/** Series to look at through windows: a range selector's or a subquery's. */
public interface RangeSource {

  /** The number of series. */
  int size();

  /** The labels of a series. */
  Labels labels(int series);

  /** What a consumer needs of the labels of a series. */
  default Labels labels(int series, LabelProjection needed) {
    return needed.apply(labels(series));
  }

  /** Whether the metric's name of a series must be dropped in the end. */
  boolean nameDropped(int series);

  /** Whether the labels differ from each other, without the metric's name too. */
  boolean distinctWithoutName();

  /** Whether the labels differ from each other. */
  boolean distinct();

  /** How the windows of the steps lie. */
  WindowShape shape();

  /** A reader for the calling thread. */
  Reader reader();

  /** Reads samples. Not thread-safe. */
  interface Reader {

    /** Replaces what the buffer holds by all samples of a series that any window may see. */
    void read(int series, SampleBuffer into);
  }
}
