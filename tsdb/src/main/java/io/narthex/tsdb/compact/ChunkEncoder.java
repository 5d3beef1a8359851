package io.narthex.tsdb.compact;

import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.HistogramAppender;
import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.chunk.Xor2Appender;
import io.narthex.tsdb.chunk.XorBuilder;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes samples as chunks, as Prometheus' {@code storage.seriesToChunkEncoder} does. Holds memory
 * until closed; not thread-safe.
 */
final class ChunkEncoder implements AutoCloseable {

  /** How many samples Prometheus puts into a chunk that it makes of several. */
  static final int SPLIT = 120;

  private final Chunk.Pool chunks;
  private final SampleForms forms;
  private final SlabAllocator allocator = new SlabAllocator();
  private final XorBuilder floats = new XorBuilder(allocator);
  private final Xor2Appender floatsWithStarts = new Xor2Appender();
  private final Map<ChunkEncoding, HistogramAppender> histograms =
      new EnumMap<>(ChunkEncoding.class);

  // The open chunk.
  private @Nullable ChunkEncoding encoding;
  private int count;
  private long first;
  private long last;

  /**
   * @param chunks where the new ones come from
   * @param forms which encodings new chunks have that are no parts of others
   */
  ChunkEncoder(Chunk.Pool chunks, SampleForms forms) {
    this.chunks = chunks;
    this.forms = forms;
  }

  /**
   * Encodes what is left of a chunk's samples in the chunk's own encoding: one chunk, or none, or
   * more where a histogram cannot follow the one that is now before it.
   */
  void rewrite(SampleCursor samples, ChunkEncoding own, List<Chunk> into) {
    while (samples.next()) {
      add(samples, own, own.maxSamples(), into);
    }
    finish(into);
  }

  /**
   * Encodes samples as chunks of at most {@value #SPLIT}, each in the usual encoding of its kind;
   * samples with start timestamps in one that has them, whatever is usual.
   */
  void encode(SampleCursor samples, List<Chunk> into) {
    while (samples.next()) {
      add(samples, suited(samples), SPLIT, into);
    }
    finish(into);
  }

  /**
   * Encodes samples as chunks that end only where the kind of the samples changes, or a histogram
   * cannot follow: the chunks that Prometheus makes of overlapping ones of one source.
   */
  void encodeWhole(SampleCursor samples, List<Chunk> into) {
    while (samples.next()) {
      ChunkEncoding wanted = suited(samples);
      add(samples, wanted, wanted.maxSamples(), into);
    }
    finish(into);
  }

  private ChunkEncoding suited(SampleCursor sample) {
    boolean starts = sample.startTimestamp() != 0;
    ChunkEncoding plain = forms.ofFloats();
    ChunkEncoding withStarts = ChunkEncoding.XOR2;
    if (sample.isHistogram()) {
      boolean floatCounts = sample.histogram().floats();
      plain = forms.ofHistograms(floatCounts);
      withStarts = floatCounts ? ChunkEncoding.FLOAT_HISTOGRAM_ST : ChunkEncoding.HISTOGRAM_ST;
    }
    // A chunk that has start timestamps takes samples without one as well.
    return starts || encoding == withStarts ? withStarts : plain;
  }

  private void add(SampleCursor sample, ChunkEncoding wanted, int most, List<Chunk> into) {
    if (wanted != encoding || count >= most) {
      finish(into);
      if (wanted.histograms()) {
        // Upstream does not look back over such a border, so the header must not tell anything.
        appender(wanted).forget();
      }
    }
    encoding = wanted;
    long start = sample.startTimestamp();
    long time = sample.time();
    switch (wanted) {
      case XOR -> floats.append(time, sample.value());
      case XOR2 -> floatsWithStarts.append(start, time, sample.value());
      case HISTOGRAM, FLOAT_HISTOGRAM, HISTOGRAM_ST, FLOAT_HISTOGRAM_ST ->
          add(appender(wanted), start, time, sample.histogram(), into);
    }
    encoding = wanted;
    if (count == 0) {
      first = time;
    }
    last = time;
    count++;
  }

  private void add(
      HistogramAppender appender,
      long start,
      long time,
      SpanHistogram histogram,
      List<Chunk> into) {
    if (appender.append(start, time, histogram) == HistogramAppender.Result.NEW_CHUNK) {
      finish(into);
      appender.append(start, time, histogram);
    }
  }

  private HistogramAppender appender(ChunkEncoding of) {
    return histograms.computeIfAbsent(of, HistogramAppender::new);
  }

  private void finish(List<Chunk> into) {
    ChunkEncoding of = encoding;
    if (count == 0 || of == null) {
      return;
    }
    byte[] bytes =
        switch (of) {
          case XOR -> floats.finish();
          case XOR2 -> floatsWithStarts.finish();
          case HISTOGRAM, FLOAT_HISTOGRAM, HISTOGRAM_ST, FLOAT_HISTOGRAM_ST ->
              appender(of).finish();
        };
    Chunk chunk = chunks.take();
    chunk.isNew(first, last, of.code(), bytes, bytes.length - ChunkDecoder.PADDING);
    into.add(chunk);
    count = 0;
    encoding = null;
  }

  @Override
  public void close() {
    floats.close();
    allocator.close();
  }
}
