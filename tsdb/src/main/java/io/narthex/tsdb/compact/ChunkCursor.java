package io.narthex.tsdb.compact;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import java.util.EnumMap;
import java.util.Map;

/** The samples of a chunk of any encoding. Reusable. */
final class ChunkCursor implements SampleCursor {

  private final Map<ChunkEncoding, ChunkDecoder> decoders = new EnumMap<>(ChunkEncoding.class);
  private ChunkDecoder decoder = decoder(ChunkEncoding.XOR);

  private ChunkDecoder decoder(ChunkEncoding encoding) {
    return decoders.computeIfAbsent(encoding, ChunkDecoder::of);
  }

  /**
   * Begins before the first sample of a chunk, which has to stay as it is meanwhile.
   *
   * @throws io.narthex.storage.StorageException if it cannot be decoded; so does all else here
   */
  ChunkCursor open(Chunk chunk) {
    decoder = decoder(ChunkEncoding.of(chunk.encoding()));
    decoder.open(chunk.bytes(), chunk.from(), chunk.length());
    return this;
  }

  @Override
  public boolean next() {
    return decoder.next();
  }

  @Override
  public long time() {
    return decoder.time();
  }

  @Override
  public long startTimestamp() {
    return decoder.startTimestamp();
  }

  @Override
  public boolean isHistogram() {
    return decoder.encoding().histograms();
  }

  @Override
  public double value() {
    return decoder.value();
  }

  @Override
  public SpanHistogram histogram() {
    return decoder.histogram();
  }
}
