package io.narthex.tsdb.head;

import io.narthex.tsdb.block.Tombstones;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.HistogramAppender;
import io.narthex.tsdb.chunk.Xor2Appender;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes anew what is left of a chunk, of any encoding but plain XOR, after some of its samples
 * were cut off or deleted: as one chunk of the same encoding, or several where a histogram cannot
 * follow the one that is now before it.
 */
final class PartialChunk {

  /** Takes the new chunks, in order; the bytes belong to it. */
  @FunctionalInterface
  interface Sink {
    void chunk(long minTime, long maxTime, int samples, byte[] bytes, int length);
  }

  private final Map<ChunkEncoding, ChunkDecoder> decoders = new EnumMap<>(ChunkEncoding.class);

  void encode(
      ChunkEncoding encoding,
      byte[] bytes,
      int from,
      int length,
      long minTime,
      long maxTime,
      long @Nullable [] deleted,
      Sink sink) {
    ChunkDecoder decoder = decoders.computeIfAbsent(encoding, ChunkDecoder::of);
    decoder.open(bytes, from, length);
    if (encoding.histograms()) {
      histograms(decoder, minTime, maxTime, deleted, sink);
    } else {
      floats(decoder, minTime, maxTime, deleted, sink);
    }
  }

  private static boolean next(
      ChunkDecoder decoder, long minTime, long maxTime, long @Nullable [] deleted) {
    while (decoder.next()) {
      long time = decoder.time();
      if (time > maxTime) {
        return false;
      }
      if (time >= minTime && (deleted == null || !Tombstones.cover(deleted, time, time))) {
        return true;
      }
    }
    return false;
  }

  private static void histograms(
      ChunkDecoder decoder, long minTime, long maxTime, long @Nullable [] deleted, Sink sink) {
    HistogramAppender appender = new HistogramAppender(decoder.encoding());
    long first = 0;
    while (next(decoder, minTime, maxTime, deleted)) {
      long start = decoder.startTimestamp();
      long time = decoder.time();
      if (appender.count() == 0) {
        first = time;
      }
      if (appender.append(start, time, decoder.histogram()) == HistogramAppender.Result.NEW_CHUNK) {
        finish(appender, first, sink);
        first = time;
        appender.append(start, time, decoder.histogram());
      }
    }
    if (appender.count() > 0) {
      finish(appender, first, sink);
    }
  }

  private static void finish(HistogramAppender appender, long first, Sink sink) {
    int samples = appender.count();
    byte[] bytes = appender.finish();
    int length = bytes.length - ChunkDecoder.PADDING;
    sink.chunk(first, appender.lastTime(), samples, bytes, length);
  }

  private static void floats(
      ChunkDecoder decoder, long minTime, long maxTime, long @Nullable [] deleted, Sink sink) {
    Xor2Appender appender = new Xor2Appender();
    long first = 0;
    while (next(decoder, minTime, maxTime, deleted)) {
      if (appender.count() == 0) {
        first = decoder.time();
      }
      appender.append(decoder.startTimestamp(), decoder.time(), decoder.value());
    }
    if (appender.count() > 0) {
      int samples = appender.count();
      byte[] bytes = appender.finish();
      int length = bytes.length - ChunkDecoder.PADDING;
      sink.chunk(first, appender.lastTime(), samples, bytes, length);
    }
  }
}
