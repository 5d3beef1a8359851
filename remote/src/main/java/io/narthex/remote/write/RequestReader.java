package io.narthex.remote.write;

import io.narthex.base.hash.KeyedHash;
import io.narthex.model.histogram.HistogramRules;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
import io.narthex.storage.ExemplarResult;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the samples of a request of protocol 1.0 to an appender, by walking the bytes.
 *
 * <pre>
 *   WriteRequest: timeseries 1 (TimeSeries, repeated), metadata 3 (MetricMetadata, repeated)
 *   TimeSeries:   labels 1 (Label), samples 2 (Sample), exemplars 3 (Exemplar), histograms 4, all repeated
 *   Sample:       value 1 (double), timestamp 2 (int64, milliseconds)
 *   Histogram:    HistogramMessage
 *   Exemplar:     labels 1 (Label, repeated), value 2 (double), timestamp 3 (int64)
 *   MetricMetadata: type 1 (enum), metric_family_name 2, help 4, unit 5 (strings)
 * </pre>
 *
 * <p><b>The way of a sample.</b> A sender writes a series the same way every time, so its label
 * fields, taken as raw bytes, name it: their keyed 128-bit hash leads to the handle, and neither
 * the labels nor their form are looked at. Only a series that is not known is read with care
 * ({@link SeriesLabels}). Two forms of the same labels (another order, an unknown field) are two
 * entries with one handle. What follows the labels is looked through before the first sample is
 * appended, because protobuf allows labels to come after the samples, or among them; nobody writes
 * that, so it is put right by copying the label fields together.
 *
 * <p><b>Errors</b> are thrown at the first one that is met, and the caller rolls the batch back;
 * the whole request is read and appended in one pass, so what is met first may be another error
 * than with Prometheus, which reads all and then appends all. Series with labels that break a rule
 * are left out and counted, as Prometheus does.
 *
 * <p>Nothing is allocated for a known series. Not thread-safe.
 */
final class RequestReader {

  private static final Logger LOG = LoggerFactory.getLogger(RequestReader.class);

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final byte SERIES_TAG = 1 << 3 | WireReader.LENGTH;
  private static final byte SAMPLE_TAG = 2 << 3 | WireReader.LENGTH;
  private static final byte VALUE_TAG = 1 << 3 | WireReader.FIXED64;
  private static final byte TIMESTAMP_TAG = 2 << 3 | WireReader.VARINT;

  /** The fewest bytes of a sample with both fields: two tags, the value, and a timestamp. */
  private static final int SAMPLE_BYTES = 11;

  /**
   * The most samples of a request. In the usual form no more fit into what may come in; in a denser
   * one they would take a multiple of its memory in the batch.
   */
  static final int MOST_SAMPLES = 2 << 20;

  /**
   * About the most bytes of the histograms of a request in memory: small ones take many times what
   * they take in a request. Senders put a few thousand samples into one.
   */
  static final int MOST_HISTOGRAM_BYTES = 128 << 20;

  private static final int LARGE = 64 * 1024;

  /** What a request held. */
  static final class Counts {
    int samples;
    int histogramBytes;
    int exemplars;
    int exemplarsKept;
    int exemplarsOutOfOrder;
    int metadata;
    int invalidSeries;
    int refusedSeries;
    String firstInvalid = "";
    String firstRefused = "";

    private void clear() {
      samples = 0;
      histogramBytes = 0;
      exemplars = 0;
      exemplarsKept = 0;
      exemplarsOutOfOrder = 0;
      metadata = 0;
      invalidSeries = 0;
      refusedSeries = 0;
      firstInvalid = "";
      firstRefused = "";
    }
  }

  private final KnownSeries known;
  private final WireReader wire = new WireReader();
  private final KeyedHash hash = new KeyedHash();
  private final SeriesLabels labels = new SeriesLabels();
  private final ExemplarReader exemplarReader = new ExemplarReader(wire);
  private final HistogramMessage histogram = new HistogramMessage();
  private final Counts counts = new Counts();
  private byte[] scattered = new byte[0];

  // Of the request that is being read.
  private byte[] bytes = new byte[0];
  private @Nullable Appender appender;
  private long latest;

  // Of the series that is being read: its label fields, and its number or -1.
  private byte[] block = new byte[0];
  private int blockFrom;
  private int blockTo;
  private int number;
  private int exemplars;

  // Of the sample that is being read.
  private double value;
  private long timestamp;

  RequestReader(KnownSeries known) {
    this.known = known;
  }

  /**
   * Appends what a request holds. Without an exception the caller commits; with one it rolls the
   * batch back.
   *
   * @param bytes the request, from 0 to {@code length}; nothing of it is kept
   * @param latest the latest timestamp to take, in milliseconds since the epoch
   * @return what it held, valid until the next call
   * @throws WriteException if it is malformed, or a sample cannot be taken
   */
  Counts append(byte[] bytes, int length, Appender appender, long latest) {
    counts.clear();
    this.bytes = bytes;
    this.appender = appender;
    this.latest = latest;
    wire.reset(bytes, 0);
    try {
      request(length);
    } finally {
      this.bytes = new byte[0];
      this.block = this.bytes;
      this.appender = null;
      wire.reset(this.bytes, 0);
      if (scattered.length > LARGE) {
        scattered = new byte[0];
      }
    }
    return counts;
  }

  private Appender into() {
    return Objects.requireNonNull(appender);
  }

  private void request(int end) {
    int at = 0;
    while (at < end) {
      if (bytes[at] == SERIES_TAG) {
        wire.at(at + 1);
        int to = wire.lengthEnd(end);
        series(wire.at(), to);
        at = to;
        continue;
      }
      wire.at(at);
      wire.tag(end, "WriteRequest");
      switch (wire.field()) {
        case 1 -> {
          wire.require(WireReader.LENGTH, "Timeseries");
          int to = wire.lengthEnd(end);
          series(wire.at(), to);
          wire.at(to);
        }
        case 3 -> {
          wire.require(WireReader.LENGTH, "Metadata");
          metadata(wire.lengthEnd(end));
        }
        default -> wire.skip(end);
      }
      at = wire.at();
    }
  }

  private void series(int from, int end) {
    byte[] b = bytes;
    int at = from;
    while (at < end && b[at] == SeriesLabels.TAG) {
      at = behindLength(at + 1, end);
    }
    int labelsEnd = at;
    int samples = 0;
    exemplars = 0;
    boolean more = false;
    int histogramsFrom = -1;
    while (at < end) {
      if (b[at] == SAMPLE_TAG) {
        samples++;
        at = behindLength(at + 1, end);
        continue;
      }
      wire.at(at);
      wire.tag(end, "TimeSeries");
      switch (wire.field()) {
        case 1 -> {
          wire.require(WireReader.LENGTH, "Labels");
          wire.skip(end);
          more = true;
        }
        case 2 -> {
          wire.require(WireReader.LENGTH, "Samples");
          wire.skip(end);
          samples++;
        }
        case 3 -> {
          wire.require(WireReader.LENGTH, "Exemplars");
          wire.skip(end);
          exemplars++;
        }
        case 4 -> {
          wire.require(WireReader.LENGTH, "Histograms");
          wire.skip(end);
          histogramsFrom = histogramsFrom < 0 ? at : histogramsFrom;
        }
        default -> wire.skip(end);
      }
      at = wire.at();
    }
    if (more) {
      blockTo = gather(from, end);
      blockFrom = 0;
      block = scattered;
      labelsEnd = from;
    } else {
      block = b;
      blockFrom = from;
      blockTo = labelsEnd;
    }
    // Prometheus sends exemplars behind their samples, as series of their own.
    long handle = handle(samples > 0 || histogramsFrom >= 0);
    if (samples > 0) {
      handle = samples(labelsEnd, end, handle);
    }
    if (histogramsFrom >= 0) {
      handle = histograms(histogramsFrom, end, handle);
    }
    if (exemplars > 0) {
      exemplars(labelsEnd, end, handle);
    }
  }

  /** Where the field ends whose length stands here. */
  private int behindLength(int at, int end) {
    if (at < end) {
      int length = bytes[at];
      if (length >= 0 && length < end - at) {
        return at + 1 + length;
      }
    }
    wire.at(at);
    return wire.lengthEnd(end);
  }

  /** Copies the label fields of a series together, and returns their length. */
  private int gather(int from, int end) {
    int length = 0;
    wire.at(from);
    while (wire.at() < end) {
      wire.tag(end, "TimeSeries");
      if (wire.field() != 1) {
        wire.skip(end);
        continue;
      }
      int lengthFrom = wire.at();
      int to = wire.lengthEnd(end);
      int count = to - lengthFrom;
      if (length + 1 + count > scattered.length) {
        scattered = Arrays.copyOf(scattered, Math.max(256, 2 * (length + 1 + count)));
      }
      scattered[length++] = SeriesLabels.TAG;
      System.arraycopy(bytes, lengthFrom, scattered, length, count);
      length += count;
      wire.at(to);
    }
    return length;
  }

  /**
   * The handle of the series whose label fields are the block, or 0 if its samples are left out.
   *
   * @param samples whether it has samples; with samples or exemplars it is made if it is new
   */
  private long handle(boolean create) {
    hash.hash(block, blockFrom, blockTo, 0);
    number = known.find(hash.high(), hash.low());
    if (number >= 0) {
      long handle = known.handle(number);
      if (handle != 0) {
        return handle;
      }
    }
    Labels read = labels.read(block, blockFrom, blockTo);
    if (read == null) {
      if (counts.invalidSeries++ == 0) {
        counts.firstInvalid = labels.problem();
      }
      return 0;
    }
    if (!create && exemplars == 0) {
      return 0;
    }
    long handle = into().series(read);
    if (handle == 0) {
      if (create) {
        refused(read);
      }
    } else if (number >= 0) {
      known.handle(number, handle);
    } else {
      number = known.add(hash.high(), hash.low(), handle);
    }
    return handle;
  }

  private void refused(Labels series) {
    if (counts.refusedSeries++ == 0) {
      counts.firstRefused = SeriesLabels.shown(series);
    }
  }

  /** Appends the samples of a series; returns its handle, which may be another afterwards. */
  private long samples(int from, int end, long handle) {
    byte[] b = bytes;
    long current = handle;
    int at = from;
    while (at < end) {
      int sampleFrom;
      if (b[at] == SAMPLE_TAG && at + 1 < end && b[at + 1] >= 0 && b[at + 1] <= end - at - 2) {
        sampleFrom = at + 2;
        at = sampleFrom + b[at + 1];
      } else {
        wire.at(at);
        wire.tag(end, "TimeSeries");
        if (wire.field() != 2) {
          wire.skip(end);
          at = wire.at();
          continue;
        }
        at = wire.lengthEnd(end);
        sampleFrom = wire.at();
      }
      if (!quickSample(b, sampleFrom, at)) {
        sample(sampleFrom, at);
      }
      if (current != 0) {
        current = append(current);
      }
    }
    return current;
  }

  /** Appends the histograms of a series, the first of which is the first field here. */
  private long histograms(int from, int end, long handle) {
    long current = handle;
    wire.at(from);
    while (wire.at() < end) {
      wire.tag(end, "TimeSeries");
      if (wire.field() != 4) {
        wire.skip(end);
        continue;
      }
      histogram.read(wire, wire.lengthEnd(end));
      timestamp = histogram.timestamp();
      if (current != 0) {
        current = append(current, histogram.histogram());
      }
    }
    return current;
  }

  /** Appends the exemplars of a series; none of them makes the request fail. */
  private void exemplars(int from, int end, long handle) {
    int at = from;
    while (at < end) {
      wire.at(at);
      wire.tag(end, "TimeSeries");
      if (wire.field() != 3) {
        wire.skip(end);
        at = wire.at();
        continue;
      }
      at = wire.lengthEnd(end);
      exemplarReader.read(bytes, at);
      counts.exemplars++;
      if (handle != 0 && exemplarReader.isValid() && exemplarReader.timestamp() <= latest) {
        exemplar(handle);
      }
    }
  }

  private void exemplar(long handle) {
    ExemplarResult result =
        into()
            .exemplar(
                handle,
                exemplarReader.timestamp(),
                exemplarReader.timestamp() != 0,
                exemplarReader.value(),
                exemplarReader.labels());
    switch (result) {
      case OK, DUPLICATE -> counts.exemplarsKept++;
      case OUT_OF_ORDER -> counts.exemplarsOutOfOrder++;
      case TOO_LONG, NO_SERIES, DISABLED -> {} // counted as not kept
    }
  }

  /** Reads a sample in the form in which everybody writes it; false if it is in another. */
  private boolean quickSample(byte[] b, int from, int end) {
    if (end - from < SAMPLE_BYTES || b[from] != VALUE_TAG || b[from + 9] != TIMESTAMP_TAG) {
      return false;
    }
    long time = 0;
    int shift = 0;
    int at = from + 10;
    while (at < end && shift < 64) {
      byte group = b[at++];
      time |= (long) (group & 0x7f) << shift;
      if (group >= 0) {
        value = Double.longBitsToDouble((long) LONG.get(b, from + 1));
        timestamp = time;
        return at == end;
      }
      shift += 7;
    }
    return false;
  }

  private void sample(int from, int end) {
    value = 0;
    timestamp = 0;
    wire.at(from);
    while (wire.at() < end) {
      wire.tag(end, "Sample");
      switch (wire.field()) {
        case 1 -> {
          wire.require(WireReader.FIXED64, "Value");
          int at = wire.at();
          wire.skip(end);
          value = Double.longBitsToDouble((long) LONG.get(bytes, at));
        }
        case 2 -> {
          wire.require(WireReader.VARINT, "Timestamp");
          timestamp = wire.varint(end);
        }
        default -> wire.skip(end);
      }
    }
  }

  /** Appends the sample that was read; returns the handle for the next one of its series. */
  private long append(long handle) {
    if (timestamp > latest) {
      throw refusedSample("out of bounds: timestamp is too far in the future");
    }
    AppendResult result = into().append(handle, timestamp, value);
    if (result == AppendResult.OK) {
      if (++counts.samples > MOST_SAMPLES) {
        throw WriteException.malformed("more than " + MOST_SAMPLES + " samples in one request");
      }
      return handle;
    }
    if (result != AppendResult.NO_SERIES) {
      throw refusedSample(result.message());
    }
    return appendAgain(null);
  }

  private long append(long handle, SpanHistogram read) {
    if (timestamp > latest) {
      throw refusedSample("out of bounds: timestamp is too far in the future");
    }
    counts.histogramBytes += histogram.weight();
    if (counts.histogramBytes > MOST_HISTOGRAM_BYTES || counts.histogramBytes < 0) {
      throw WriteException.malformed(
          "more than " + MOST_HISTOGRAM_BYTES + " bytes of histograms in one request");
    }
    AppendResult result = into().append(handle, timestamp, read);
    if (result == AppendResult.OK) {
      counts.samples++;
      return handle;
    }
    return result == AppendResult.NO_SERIES ? appendAgain(read) : refuse(result, read);
  }

  /** Refuses the request because of a histogram. */
  private long refuse(AppendResult result, SpanHistogram read) {
    if (result == AppendResult.INVALID_HISTOGRAM) {
      String violation = HistogramRules.violation(read);
      throw WriteException.malformed(violation == null ? result.message() : violation);
    }
    throw refusedSample(result.message());
  }

  /** Appends to a series that the storage has forgotten. */
  private long appendAgain(@Nullable SpanHistogram read) {
    Labels series = readLabels();
    long handle = into().series(series);
    if (number >= 0) {
      known.handle(number, handle);
    }
    if (handle == 0) {
      refused(series);
      return 0;
    }
    AppendResult result =
        read == null
            ? into().append(handle, timestamp, value)
            : into().append(handle, timestamp, read);
    if (result == AppendResult.NO_SERIES) {
      throw new WriteException(500, result.message());
    }
    if (result != AppendResult.OK && read != null) {
      return refuse(result, read);
    }
    if (result != AppendResult.OK) {
      throw refusedSample(result.message());
    }
    counts.samples++;
    return handle;
  }

  private WriteException refusedSample(String message) {
    LOG.atError()
        .addKeyValue("err", message)
        .addKeyValue("series", SeriesLabels.shown(readLabels()))
        .addKeyValue("timestamp", timestamp)
        .log("Out of order sample from remote write");
    return new WriteException(400, message);
  }

  /** The labels of the series, which have been good before. */
  private Labels readLabels() {
    Labels read = labels.read(block, blockFrom, blockTo);
    if (read == null) {
      throw new IllegalStateException("labels that were good are not: " + labels.problem());
    }
    return read;
  }

  private void metadata(int end) {
    while (wire.at() < end) {
      wire.tag(end, "MetricMetadata");
      switch (wire.field()) {
        case 1 -> wire.require(WireReader.VARINT, "Type");
        case 2 -> wire.require(WireReader.LENGTH, "MetricFamilyName");
        case 4 -> wire.require(WireReader.LENGTH, "Help");
        case 5 -> wire.require(WireReader.LENGTH, "Unit");
        default -> {}
      }
      wire.skip(end);
    }
    counts.metadata++;
  }
}
