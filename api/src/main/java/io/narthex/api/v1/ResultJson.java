package io.narthex.api.v1;

import io.narthex.api.port.QueryResult;
import io.narthex.base.json.JsonWriter;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.sample.SampleBuffer;
import java.io.IOException;
import java.util.List;

/** The answer to a query as JSON, written while it is read. */
final class ResultJson {

  /** After so many samples it is asked whether anybody still waits for the rest. */
  private static final int CHECK_SAMPLES = 4096;

  private ResultJson() {}

  /**
   * Writes the data of an answer.
   *
   * @param limit the most series, 0 for all
   */
  static void write(JsonWriter json, QueryResult result, int limit, boolean withStats)
      throws IOException {
    json.beginObject();
    switch (result.data()) {
      case QueryResult.Scalar scalar -> {
        json.member("resultType", "scalar").name("result").beginArray();
        json.timestamp(scalar.time()).sampleValue(scalar.value()).endArray();
      }
      case QueryResult.Text text -> {
        json.member("resultType", "string").name("result").beginArray();
        json.timestamp(text.time()).string(text.value()).endArray();
      }
      case QueryResult.Series series -> {
        json.member("resultType", series.isMatrix() ? "matrix" : "vector").name("result");
        series(json, series, limit, result);
      }
    }
    if (withStats) {
      stats(json.name("stats"), result.stats());
    }
    json.endObject();
  }

  private static void series(
      JsonWriter json, QueryResult.Series series, int limit, QueryResult result)
      throws IOException {
    SampleBuffer samples = new SampleBuffer();
    int size = limit == 0 ? series.size() : Math.min(limit, series.size());
    json.beginArray();
    int written = 0;
    for (int i = 0; i < size; i++) {
      if (written >= CHECK_SAMPLES) {
        result.checkReader();
        written = 0;
      }
      series.read(i, samples);
      written += 4 + samples.size();
      json.beginObject().name("metric");
      LabelsJson.write(json, series.labels(i));
      if (series.isMatrix()) {
        runs(json, samples, result);
      } else if (samples.histogram(0) != null) {
        sample(json.name("histogram"), samples, 0);
      } else {
        sample(json.name("value"), samples, 0);
      }
      json.endObject();
    }
    json.endArray();
  }

  /** The floats of a series and its histograms, each where there are any. */
  private static void runs(JsonWriter json, SampleBuffer samples, QueryResult result)
      throws IOException {
    int histograms = 0;
    if (samples.hasHistograms()) {
      for (int i = 0; i < samples.size(); i++) {
        histograms += samples.histogram(i) == null ? 0 : 1;
      }
    }
    if (histograms < samples.size()) {
      run(json.name("values"), samples, false, result);
    }
    if (histograms > 0) {
      run(json.name("histograms"), samples, true, result);
    }
  }

  private static void run(
      JsonWriter json, SampleBuffer samples, boolean histograms, QueryResult result)
      throws IOException {
    json.beginArray();
    for (int i = 0; i < samples.size(); i++) {
      if (i % CHECK_SAMPLES == CHECK_SAMPLES - 1) {
        result.checkReader();
      }
      if ((samples.histogram(i) != null) == histograms) {
        sample(json, samples, i);
      }
    }
    json.endArray();
  }

  private static void sample(JsonWriter json, SampleBuffer samples, int index) throws IOException {
    json.beginArray().timestamp(samples.timestamps()[index]);
    FloatHistogram histogram = samples.histogram(index);
    if (histogram == null) {
      json.sampleValue(samples.values()[index]);
    } else {
      HistogramJson.write(json, histogram);
    }
    json.endArray();
  }

  private static void stats(JsonWriter json, QueryResult.Stats stats) throws IOException {
    long inner = stats.evaluationNanos();
    long total = stats.prepareNanos() + inner + stats.sortNanos();
    json.beginObject().name("timings").beginObject();
    json.name("evalTotalTime").number(total / 1e9);
    json.name("resultSortTime").number(stats.sortNanos() / 1e9);
    json.name("queryPreparationTime").number(stats.prepareNanos() / 1e9);
    json.name("innerEvalTime").number(inner / 1e9);
    json.name("execQueueTime").number(stats.queueNanos() / 1e9);
    json.name("execTotalTime").number((total + stats.queueNanos()) / 1e9);
    json.endObject().name("samples").beginObject();
    QueryResult.Steps steps = stats.steps();
    if (steps != null) {
      perStep(json.name("totalQueryableSamplesPerStep"), steps, steps.looked());
    }
    json.member("totalQueryableSamples", stats.totalSamples());
    if (steps != null) {
      perStep(json.name("samplesReadPerStep"), steps, steps.read());
    }
    json.member("samplesRead", stats.samplesRead());
    json.member("peakSamples", stats.peakSamples());
    json.endObject().endObject();
  }

  private static void perStep(JsonWriter json, QueryResult.Steps steps, List<Long> counts)
      throws IOException {
    json.beginArray();
    for (int i = 0; i < counts.size(); i++) {
      json.beginArray().timestamp(steps.start() + i * steps.step()).number(counts.get(i));
      json.endArray();
    }
    json.endArray();
  }
}
