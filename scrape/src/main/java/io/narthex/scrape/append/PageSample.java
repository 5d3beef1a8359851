package io.narthex.scrape.append;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.LabelsBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The sample that is being appended, whatever format it was read from. There is one per reader,
 * which is set anew for each sample; labels and exemplars are read when somebody asks for them.
 */
abstract class PageSample {

  boolean hasTimestamp;

  /** The page's own timestamp in milliseconds since the epoch. */
  long timestamp;

  double value;

  /** The native histogram that stands in the value's place; it may be changed. */
  @Nullable SpanHistogram histogram;

  /** When the counting began, in milliseconds since the epoch; 0 if the page does not say. */
  long start;

  /**
   * Replaces what the builder holds by the labels of the page, its metric name among them.
   *
   * @throws io.narthex.model.exposition.ExpositionException if they do not follow the format
   */
  abstract void labels(LabelsBuilder into);

  /** Whether there may be exemplars. */
  abstract boolean hasExemplars();

  /** Adds the exemplars. */
  abstract void exemplars(ExemplarBatch into);
}
