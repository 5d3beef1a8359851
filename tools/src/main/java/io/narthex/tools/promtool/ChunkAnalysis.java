package io.narthex.tools.promtool;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Matcher;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockScan;
import io.narthex.tsdb.block.RawChunk;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.index.ChunkMetas;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Says how full the chunks of a block are. What is kept grows with the differing figures only. */
final class ChunkAnalysis {

  /** How often a figure was seen. */
  private static final class Figures {
    private final TreeMap<Integer, Long> seen = new TreeMap<>();
    private long count;
    private long sum;

    void add(int figure) {
      seen.merge(figure, 1L, Long::sum);
      count++;
      sum += figure;
    }
  }

  private final PrintStream out;
  private final Figures floatSamples = new Figures();
  private final Figures floatBytes = new Figures();
  private final Figures histogramSamples = new Figures();
  private final Figures histogramBytes = new Figures();
  private final Figures histogramBuckets = new Figures();
  private final Map<ChunkEncoding, ChunkDecoder> decoders = new EnumMap<>(ChunkEncoding.class);
  private long chunks;

  ChunkAnalysis(PrintStream out) {
    this.out = out;
  }

  void run(Block block, List<Matcher> matchers) {
    ChunkMetas metas = new ChunkMetas();
    RawChunk chunk = new RawChunk();
    try (BlockScan scan = block.scan(matchers)) {
      while (scan.next()) {
        scan.chunks(metas);
        for (int i = 0; i < metas.size(); i++) {
          scan.read(metas.ref(i), chunk);
          add(chunk);
        }
      }
    }
    out.print("\nCompaction analysis:\n\n");
    print("samples per float chunk", floatSamples);
    print("bytes per float chunk", floatBytes);
    print("samples per histogram chunk", histogramSamples);
    print("bytes per histogram chunk", histogramBytes);
    print("buckets per histogram chunk", histogramBuckets);
  }

  private void add(RawChunk chunk) {
    chunks++;
    ChunkEncoding encoding = ChunkEncoding.of(chunk.encoding());
    int samples = encoding.count(chunk.bytes(), chunk.from());
    if (!encoding.histograms()) {
      floatSamples.add(samples);
      floatBytes.add(chunk.length());
      return;
    }
    histogramSamples.add(samples);
    histogramBytes.add(chunk.length());
    ChunkDecoder decoder = decoders.computeIfAbsent(encoding, ChunkDecoder::of);
    decoder.open(chunk.bytes(), chunk.from(), chunk.length());
    int buckets = 0;
    while (decoder.next()) {
      SpanHistogram histogram = decoder.histogram();
      buckets += histogram.positive().buckets() + histogram.negative().buckets();
    }
    histogramBuckets.add(buckets);
  }

  private void print(String name, Figures figures) {
    if (figures.count == 0) {
      out.print(name + ": N/A\n\n");
      return;
    }
    int least = figures.seen.firstKey();
    int most = figures.seen.lastKey();
    int step = 10;
    while (step < (most - least) / 10 && step <= 10_000) {
      step *= 10;
    }
    int start = least - least % step;
    int end = most - most % step + step;
    long[] rows = new long[(end - start) / step + 1];
    for (Map.Entry<Integer, Long> each : figures.seen.entrySet()) {
      rows[(each.getKey() - start) / step] += each.getValue();
    }
    long highest = 0;
    for (long row : rows) {
      highest = Math.max(highest, row);
    }
    StringBuilder text = new StringBuilder(name);
    text.append(" (min/avg/max): ").append(least).append('/');
    text.append(figures.sum / figures.count).append('/').append(most).append('\n');
    int left = digits(end);
    int right = digits((long) end + step);
    int counts = digits(highest);
    for (int i = 0; i < rows.length; i++) {
      int from = i * step + start;
      text.append('[').append(aligned(from + 1, left)).append(", ");
      text.append(aligned(from + step, right)).append("]: ").append(aligned(rows[i], counts));
      text.append(' ').repeat('#', (int) (100 * rows[i] / chunks)).append('\n');
    }
    out.print(text.append('\n'));
  }

  private static int digits(long number) {
    return Long.toString(number).length();
  }

  private static String aligned(long number, int width) {
    String text = Long.toString(number);
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }
}
