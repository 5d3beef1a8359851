package io.narthex.remote.write;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/**
 * What the receiver tells about itself: two counters under upstream's names, and two of our own for
 * what it reads and does not keep.
 */
final class ReceiverMetrics {

  private final Counter invalidLabels;
  private final Counter withoutMetadata;
  private final Counter exemplars;
  private final Counter metadata;

  ReceiverMetrics(PrometheusRegistry registry) {
    invalidLabels =
        counter(
            registry,
            "prometheus_api_remote_write_invalid_labels_samples_total",
            "The total number of received remote write samples and histogram samples which were"
                + " rejected due to invalid labels.");
    withoutMetadata =
        counter(
            registry,
            "prometheus_api_remote_write_without_metadata_appended_samples_total",
            "The total number of received remote write samples (and histogram samples) which were"
                + " ingested without corresponding metadata.");
    exemplars =
        counter(
            registry,
            "narthex_remote_write_exemplars_not_kept_total",
            "The total number of received remote write exemplars that were read and not kept.");
    metadata =
        counter(
            registry,
            "narthex_remote_write_metadata_not_kept_total",
            "The total number of received remote write metadata entries that were read and not"
                + " kept.");
  }

  private static Counter counter(PrometheusRegistry registry, String name, String help) {
    Counter counter = Counter.builder().name(name).help(help).register(registry);
    counter.inc(0);
    return counter;
  }

  /** Counts a request that was stored. */
  void stored(RequestReader.Counts counts) {
    // As upstream does for this protocol, a series counts as one sample.
    add(invalidLabels, counts.invalidSeries);
    // Metadata is not kept, so no sample has any.
    add(withoutMetadata, counts.samples);
    add(exemplars, counts.exemplars - counts.exemplarsKept);
    add(metadata, counts.metadata);
  }

  private static void add(Counter counter, int count) {
    if (count > 0) {
      counter.inc(count);
    }
  }
}
