package io.narthex.server;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.json.JsonWriter;
import io.narthex.base.time.Clock;
import io.narthex.promql.engine.QueryObserver.Ended;
import io.narthex.promql.engine.QueryOrigin;
import io.narthex.promql.engine.RunningQuery;
import io.narthex.promql.engine.core.QueryStats;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The query log: a line of JSON for each query that was evaluated or could not be, in Prometheus'
 * fields. Thread-safe. The file is appended to, and opened anew at each reload, so that it can be
 * moved away. It is a plain stream, as an interrupt would close a channel under all other queries.
 */
final class QueryLog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(QueryLog.class);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);
  private static final double NANOS = 1e9;

  private final Clock clock;
  private final EngineMetrics metrics;
  private volatile @Nullable OutputStream out;

  QueryLog(Clock clock, EngineMetrics metrics) {
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * Goes on in a file.
   *
   * @param file the empty text to write nothing
   * @throws UncheckedIOException if it cannot be opened; then the log goes on as before
   */
  synchronized void reopen(String file) {
    OutputStream before = out;
    try {
      out = file.isEmpty() ? null : new FileOutputStream(file, true);
    } catch (IOException e) {
      throw new UncheckedIOException("query log: open " + Path.of(file) + ": " + e, e);
    }
    metrics.logEnabled(out != null);
    shut(before);
  }

  private static void shut(@Nullable OutputStream stream) {
    try {
      if (stream != null) {
        stream.close();
      }
    } catch (IOException e) {
      LOG.atError().addKeyValue("err", e.getMessage()).log("Closing the query log failed");
    }
  }

  /** Writes a line, if a log is wanted. */
  void write(Ended query) {
    if (out == null) {
      return;
    }
    byte[] line = line(query);
    synchronized (this) {
      OutputStream open = out;
      if (open == null) {
        return;
      }
      try {
        open.write(line);
      } catch (IOException e) {
        metrics.logFailed();
        LOG.atError().addKeyValue("err", e.getMessage()).log("Writing to the query log failed");
      }
    }
  }

  private byte[] line(Ended query) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try {
      JsonWriter json = new JsonWriter(bytes);
      json.beginObject();
      json.member("time", Instant.ofEpochMilli(clock.millis()).toString());
      json.member("level", "INFO").member("source", "QueryLog.java");
      json.member("msg", "promql query logged");
      params(json.name("params"), query.question());
      Throwable failure = query.failure();
      if (failure != null) {
        text(json.name("error"), String.valueOf(failure.getMessage()));
      }
      stats(json.name("stats"), query.stats());
      json.member("spanID", "0000000000000000");
      origin(json, query.origin());
      json.endObject().drain();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private static void params(JsonWriter json, RunningQuery.Question question) throws IOException {
    json.beginObject().member("end", time(question.end()));
    text(json.name("query"), question.text());
    json.member("start", time(question.start())).member("step", question.step() / 1000);
    json.endObject();
  }

  /** Unlike Go's answers over HTTP, its log leaves what means something in HTML as it is. */
  private static void text(JsonWriter json, String text) throws IOException {
    byte[] bytes = Utf8.bytes(text);
    json.label(bytes, 0, bytes.length);
  }

  private static String time(long millis) {
    return TIME.format(Instant.ofEpochMilli(millis));
  }

  private static void stats(JsonWriter json, QueryStats stats) throws IOException {
    long total = stats.prepareNanos() + stats.evaluationNanos() + stats.sortNanos();
    json.beginObject().name("timings").beginObject();
    json.name("evalTotalTime").number(total / NANOS);
    json.name("resultSortTime").number(stats.sortNanos() / NANOS);
    json.name("queryPreparationTime").number(stats.prepareNanos() / NANOS);
    json.name("innerEvalTime").number(stats.evaluationNanos() / NANOS);
    json.name("execQueueTime").number(stats.queueNanos() / NANOS);
    json.name("execTotalTime").number((total + stats.queueNanos()) / NANOS);
    json.endObject().name("samples").beginObject();
    json.member("totalQueryableSamples", stats.samples());
    json.member("samplesRead", stats.samplesRead());
    json.member("peakSamples", stats.peakSamples());
    json.endObject().endObject();
  }

  private static void origin(JsonWriter json, QueryOrigin origin) throws IOException {
    if (origin.method().isEmpty()) {
      return;
    }
    json.name("httpRequest").beginObject().member("clientIP", origin.client());
    json.member("method", origin.method()).member("path", origin.path()).endObject();
  }

  @Override
  public synchronized void close() {
    OutputStream last = out;
    out = null;
    shut(last);
  }
}
