package io.narthex.remote.config;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.duration.Durations;
import java.time.Duration;

/**
 * How samples wait to be sent.
 *
 * @param capacity samples of a shard before its writer waits
 * @param maxShards the most that send at the same time
 * @param minShards the least
 * @param maxSamplesPerSend samples of one request
 * @param batchSendDeadline how long a sample waits for others
 * @param minBackoff the first pause after a failure that may pass
 * @param maxBackoff the longest
 * @param retryOnRateLimit whether the answer 429 is such a failure
 * @param sampleAgeLimit older samples are dropped; zero for none
 */
public record QueueConfig(
    int capacity,
    int maxShards,
    int minShards,
    int maxSamplesPerSend,
    Duration batchSendDeadline,
    Duration minBackoff,
    Duration maxBackoff,
    boolean retryOnRateLimit,
    Duration sampleAgeLimit) {

  /** Upstream's defaults. */
  public static final QueueConfig DEFAULT =
      new QueueConfig(
          10_000,
          50,
          1,
          2_000,
          Duration.ofSeconds(5),
          Duration.ofMillis(30),
          Duration.ofSeconds(5),
          false,
          Duration.ZERO);

  static QueueConfig decode(YamlValue value) {
    YamlMap map = value.map("config.QueueConfig");
    QueueConfig queue =
        new QueueConfig(
            map.whole("capacity", DEFAULT.capacity),
            map.whole("max_shards", DEFAULT.maxShards),
            map.whole("min_shards", DEFAULT.minShards),
            map.whole("max_samples_per_send", DEFAULT.maxSamplesPerSend),
            map.value("batch_send_deadline", DEFAULT.batchSendDeadline, Durations::decode),
            map.value("min_backoff", DEFAULT.minBackoff, Durations::decode),
            map.value("max_backoff", DEFAULT.maxBackoff, Durations::decode),
            map.bool("retry_on_http_429", false),
            map.value("sample_age_limit", Duration.ZERO, Durations::decode));
    map.finish();
    positive(map, "max_samples_per_send", queue.maxSamplesPerSend);
    positive(map, "max_shards", queue.maxShards);
    positive(map, "min_shards", queue.minShards);
    positive(map, "capacity", queue.capacity);
    if (queue.minShards > queue.maxShards) {
      throw map.error(
          "min_shards", "remote write queue min_shards must not be greater than max_shards");
    }
    if (queue.maxBackoff.compareTo(queue.minBackoff) < 0) {
      throw map.error(
          "max_backoff", "remote write queue max_backoff must not be less than min_backoff");
    }
    return queue;
  }

  private static void positive(YamlMap map, String key, int value) {
    if (value <= 0) {
      throw map.error(key, "remote write queue " + key + " must be positive");
    }
  }

  void write(YamlWriter.Map out) {
    out.unsigned("capacity", capacity);
    out.unsigned("max_shards", maxShards);
    out.unsigned("min_shards", minShards);
    out.unsigned("max_samples_per_send", maxSamplesPerSend);
    Durations.write(out, "batch_send_deadline", batchSendDeadline);
    Durations.write(out, "min_backoff", minBackoff);
    Durations.write(out, "max_backoff", maxBackoff);
    out.flag("retry_on_http_429", retryOnRateLimit);
    Durations.write(out, "sample_age_limit", sampleAgeLimit);
  }
}
