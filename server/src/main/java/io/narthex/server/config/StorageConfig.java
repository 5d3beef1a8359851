package io.narthex.server.config;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.duration.ByteSizes;
import io.narthex.model.duration.Durations;
import java.time.Duration;

/**
 * The storage section.
 *
 * @param retentionTime how long samples are kept; zero where the file does not say
 * @param retentionSize how many bytes are kept; zero where the file does not say
 * @param retentionPercentage how much of the file system is filled, 0 to 100; zero where the file
 *     does not say
 * @param outOfOrderWindow how far behind the newest sample a late one is still taken; zero for not
 *     at all
 * @param maxExemplars how many exemplars are kept in memory
 * @param staleSeriesThreshold which part of the series has to have ended for these to leave the
 *     head early; 0 for never
 * @param floatEncoding {@code xor}, {@code xor2}, or empty where the file does not say
 */
public record StorageConfig(
    Duration retentionTime,
    long retentionSize,
    double retentionPercentage,
    Duration outOfOrderWindow,
    long maxExemplars,
    double staleSeriesThreshold,
    String floatEncoding) {

  static final long DEFAULT_EXEMPLARS = 100_000;

  static final StorageConfig DEFAULT =
      new StorageConfig(Duration.ZERO, 0, 0, Duration.ZERO, DEFAULT_EXEMPLARS, 0, "");

  private record Tsdb(
      Duration retentionTime,
      long retentionSize,
      double retentionPercentage,
      Duration outOfOrderWindow,
      double staleSeriesThreshold,
      String floatEncoding) {

    static final Tsdb DEFAULT = new Tsdb(Duration.ZERO, 0, 0, Duration.ZERO, 0, "");

    Tsdb with(Duration window, double staleRatio, String encoding) {
      return new Tsdb(
          retentionTime, retentionSize, retentionPercentage, window, staleRatio, encoding);
    }
  }

  static StorageConfig decode(YamlValue value) {
    YamlMap map = value.map("config.StorageConfig");
    Tsdb tsdb = map.value("tsdb", Tsdb.DEFAULT, StorageConfig::tsdb);
    long exemplars = map.value("exemplars", DEFAULT_EXEMPLARS, StorageConfig::exemplars);
    map.finish();
    return new StorageConfig(
        tsdb.retentionTime,
        tsdb.retentionSize,
        tsdb.retentionPercentage,
        tsdb.outOfOrderWindow,
        exemplars,
        tsdb.staleSeriesThreshold,
        tsdb.floatEncoding);
  }

  private static long exemplars(YamlValue value) {
    YamlMap map = value.map("config.ExemplarsConfig");
    long most = map.value("max_exemplars", 0L, YamlValue::integer);
    map.finish();
    return most;
  }

  private static Tsdb tsdb(YamlValue value) {
    YamlMap map = value.map("config.plain");
    Duration window = map.value("out_of_order_time_window", Duration.ZERO, Durations::decode);
    double stale = map.number("stale_series_compaction_threshold", 0);
    String encoding = map.value("chunk_encoding", "", StorageConfig::chunkEncoding);
    Tsdb tsdb = map.value("retention", Tsdb.DEFAULT, StorageConfig::retention);
    map.finish();
    return tsdb.with(window, stale, encoding);
  }

  private static String chunkEncoding(YamlValue value) {
    YamlMap map = value.map("config.ChunkEncodingConfig");
    String floats = map.text("floats", "");
    map.finish();
    if (map.has("floats") && !floats.equals("xor") && !floats.equals("xor2")) {
      throw map.error(
          "floats",
          "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be"
              + " omitted entirely, got "
              + GoQuote.quote(floats));
    }
    return floats;
  }

  private static Tsdb retention(YamlValue value) {
    YamlMap map = value.map("config.TSDBRetentionConfig");
    Duration time = map.value("time", Duration.ZERO, Durations::decode);
    long size = map.value("size", 0L, ByteSizes::decode);
    double percentage = map.number("percentage", 0);
    map.finish();
    if (size < 0) {
      throw map.error(
          "size",
          "'storage.tsdb.retention.size' must be greater than or equal to 0, got "
              + ByteSizes.print(size));
    }
    if (!(percentage >= 0 && percentage <= 100)) {
      throw map.error(
          "percentage",
          "'storage.tsdb.retention.percentage' must be in the range [0, 100], got "
              + (percentage == Math.rint(percentage)
                  ? Long.toString((long) percentage)
                  : Double.toString(percentage)));
    }
    return new Tsdb(time, size, percentage, Duration.ZERO, 0, "");
  }

  void write(YamlWriter.Map out) {
    out.mapIfAny(
        "tsdb",
        tsdb -> {
          Durations.write(tsdb, "out_of_order_time_window", outOfOrderWindow);
          tsdb.number("stale_series_compaction_threshold", staleSeriesThreshold);
          tsdb.mapIfAny("chunk_encoding", encoding -> encoding.text("floats", floatEncoding));
          tsdb.mapIfAny(
              "retention",
              retention -> {
                Durations.write(retention, "time", retentionTime);
                ByteSizes.write(retention, "size", retentionSize);
                retention.number("percentage", retentionPercentage);
              });
        });
    if (maxExemplars != DEFAULT_EXEMPLARS) {
      out.map("exemplars", exemplars -> exemplars.unsigned("max_exemplars", maxExemplars));
    }
  }
}
