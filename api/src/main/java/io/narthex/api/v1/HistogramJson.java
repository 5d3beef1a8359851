package io.narthex.api.v1;

import io.narthex.base.json.JsonWriter;
import io.narthex.model.histogram.BucketCursor;
import io.narthex.model.histogram.FloatHistogram;
import java.io.IOException;

/**
 * A native histogram as JSON: count, sum and the buckets that are not empty, each with its bounds
 * and a number that says which of them belong to it.
 */
final class HistogramJson {

  private HistogramJson() {}

  static void write(JsonWriter json, FloatHistogram histogram) throws IOException {
    json.beginObject();
    json.name("count").sampleValue(histogram.count());
    json.name("sum").sampleValue(histogram.sum());
    boolean some = false;
    BucketCursor bucket = histogram.ascending();
    while (bucket.next()) {
      if (bucket.count() == 0) {
        continue;
      }
      if (!some) {
        json.name("buckets").beginArray();
        some = true;
      }
      json.beginArray().number(boundaries(bucket));
      json.sampleValue(bucket.lower()).sampleValue(bucket.upper()).sampleValue(bucket.count());
      json.endArray();
    }
    if (some) {
      json.endArray();
    }
    json.endObject();
  }

  /** 0 for (lower, upper], 1 for [lower, upper), 2 for (lower, upper), 3 for [lower, upper]. */
  private static long boundaries(BucketCursor bucket) {
    if (bucket.lowerInclusive()) {
      return bucket.upperInclusive() ? 3 : 1;
    }
    return bucket.upperInclusive() ? 0 : 2;
  }
}
