package io.narthex.tsdb.outoforder;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.headchunks.ChunkBytes;
import io.narthex.tsdb.headchunks.HeadChunks;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Adds late samples to what a query has read of a series. Belongs to one thread. */
public final class LateReader {

  private final OutOfOrder store;
  private final HeadChunks.@Nullable View view;
  private final @Nullable ChunkDecoder[] decoders =
      new @Nullable ChunkDecoder[ChunkEncoding.values().length];
  private final ChunkBytes fromFile = new ChunkBytes();
  private final CRC32C crc = new CRC32C();

  /**
   * @param view keeps the files readable; the caller closes it
   */
  public LateReader(OutOfOrder store, HeadChunks.@Nullable View view) {
    this.store = store;
    this.view = view;
  }

  /**
   * Adds a series' late samples in a range of time. Where there is one of the same time, the late
   * one stays.
   *
   * @param reader the number of the reader, who sees the commits up to it
   * @throws io.narthex.storage.StorageException if a chunk cannot be read
   */
  public void addTo(int slot, long minTime, long maxTime, long reader, SampleBuffer into) {
    LateSeries series = store.of(slot);
    if (series == null || minTime > maxTime) {
      return;
    }
    List<LateChunk> chunks = new ArrayList<>();
    SampleBuffer newest = new SampleBuffer();
    series.copy(minTime, maxTime, reader, chunks, newest);
    List<SampleBuffer> runs = new ArrayList<>();
    for (LateChunk chunk : chunks) {
      SampleBuffer run = new SampleBuffer();
      decode(chunk, minTime, maxTime, run);
      long[] hidden = chunk.hiddenFrom(reader);
      if (hidden != null) {
        LateChunk.remove(hidden, run);
      }
      addRun(run, runs);
    }
    addRun(newest, runs);
    if (runs.isEmpty()) {
      return;
    }
    SampleBuffer late = merged(runs);
    if (into.size() == 0 || into.timestamps()[into.size() - 1] < late.timestamps()[0]) {
      addBehind(late, into);
      return;
    }
    SampleBuffer inOrder = new SampleBuffer();
    inOrder.addFrom(into, 0);
    into.clear();
    into.addMerged(late, inOrder);
  }

  private static void addRun(SampleBuffer run, List<SampleBuffer> runs) {
    if (run.size() == 0) {
      return;
    }
    SampleBuffer last = runs.isEmpty() ? null : runs.getLast();
    if (last != null && last.timestamps()[last.size() - 1] < run.timestamps()[0]) {
      addBehind(run, last);
    } else {
      runs.add(run);
    }
  }

  /**
   * Adds a run behind another. What its first histogram says of a reset is of the sample before it
   * in its own chunk, which may have been cut off.
   */
  private static void addBehind(SampleBuffer run, SampleBuffer into) {
    int at = into.size();
    into.addFrom(run, 0);
    FloatHistogram first = into.histogram(at);
    if (first != null) {
      into.replace(at, first.withoutResetHint());
    }
  }

  /** Merges neighbours until one is left; of samples of one time the later run's stays. */
  private static SampleBuffer merged(List<SampleBuffer> runs) {
    List<SampleBuffer> left = runs;
    while (left.size() > 1) {
      List<SampleBuffer> next = new ArrayList<>();
      for (int i = 0; i < left.size(); i += 2) {
        if (i + 1 == left.size()) {
          next.add(left.get(i));
        } else {
          SampleBuffer both = new SampleBuffer();
          both.addMerged(left.get(i + 1), left.get(i));
          next.add(both);
        }
      }
      left = next;
    }
    return left.getFirst();
  }

  private void decode(LateChunk chunk, long minTime, long maxTime, SampleBuffer into) {
    byte[] bytes = chunk.bytes();
    if (bytes != null) {
      int length = bytes.length - ChunkDecoder.PADDING;
      decoder(chunk.encoding()).decode(bytes, 0, length, minTime, maxTime, into);
      return;
    }
    Objects.requireNonNull(view, "a stored chunk without files").read(chunk.place(), fromFile, crc);
    decoder(fromFile.encoding())
        .decode(fromFile.bytes(), fromFile.from(), fromFile.length(), minTime, maxTime, into);
  }

  private ChunkDecoder decoder(int code) {
    ChunkEncoding encoding = ChunkEncoding.of(code);
    ChunkDecoder decoder = decoders[encoding.ordinal()];
    if (decoder == null) {
      decoder = ChunkDecoder.of(encoding);
      decoders[encoding.ordinal()] = decoder;
    }
    return decoder;
  }
}
