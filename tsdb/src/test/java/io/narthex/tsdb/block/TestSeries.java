package io.narthex.tsdb.block;

import io.narthex.base.file.Disk;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.tsdb.chunk.XorBuilder;
import io.narthex.tsdb.chunk.XorDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/** Series with samples, and what becomes of them in blocks. */
final class TestSeries {

  static final long START = 1_700_000_000_000L;

  /** By labels; by time. */
  final TreeMap<Labels, TreeMap<Long, Double>> all = new TreeMap<>();

  static TestSeries random(long seed, int series, int samples) {
    TestSeries made = new TestSeries();
    Random random = new Random(seed);
    for (int i = 0; i < series; i++) {
      Labels labels =
          Labels.of(
              "__name__", "metric_" + i % 5,
              "instance", "host-" + i,
              "job", i % 2 == 0 ? "" : "é" + i % 3);
      TreeMap<Long, Double> into = new TreeMap<>();
      long time = START + random.nextInt(60_000);
      for (int k = 0; k < samples; k++) {
        double value =
            switch (i % 4) {
              case 0 -> 1;
              case 1 -> k * 3;
              case 2 -> random.nextGaussian();
              default ->
                  random.nextInt(10) == 0
                      ? StaleMarker.VALUE
                      : Double.longBitsToDouble(random.nextLong());
            };
        // Of the NaNs only two come back from text.
        into.put(time, Double.isNaN(value) && !StaleMarker.is(value) ? Double.NaN : value);
        time += 15_000 + (i % 3 == 0 ? random.nextInt(100) : 0);
      }
      made.all.put(labels, into);
    }
    return made;
  }

  long minTime() {
    return all.values().stream().mapToLong(TreeMap::firstKey).min().orElse(0);
  }

  long maxTime() {
    return all.values().stream().mapToLong(TreeMap::lastKey).max().orElse(0);
  }

  /** Writes a block of chunks of 120 samples and opens it. */
  Block write(Disk disk, Path database, Ulid ulid, long chunkFileBytes) {
    BlockMeta meta =
        new BlockMeta(
            ulid,
            minTime(),
            maxTime() + 1,
            BlockMeta.Stats.NONE,
            BlockMeta.Compaction.ofHead(ulid),
            Map.of());
    try (SlabAllocator allocator = new SlabAllocator();
        XorBuilder chunk = new XorBuilder(allocator);
        BlockWriter writer = new BlockWriter(disk, database, meta, chunkFileBytes)) {
      all.forEach((labels, samples) -> {
        writer.series(labels);
        long first = 0;
        for (var sample : samples.entrySet()) {
          first = chunk.count() == 0 ? sample.getKey() : first;
          chunk.append(sample.getKey(), sample.getValue());
          if (chunk.count() == 120 || sample.getKey().equals(samples.lastKey())) {
            int count = chunk.count();
            byte[] bytes = chunk.finish();
            writer.chunk(
                first, sample.getKey(), 1, count, bytes, 0, bytes.length - XorDecoder.PADDING);
          }
        }
      });
      Objects.requireNonNull(writer.finish());
    }
    return Block.open(disk, database.resolve(ulid.toString()));
  }

  /** One line per sample of a range. */
  List<String> lines(long from, long to) {
    List<String> lines = new ArrayList<>();
    all.forEach((labels, samples) ->
        samples
            .subMap(from, true, to, true)
            .forEach((time, value) -> lines.add(line(labels, time, value))));
    return lines;
  }

  static String line(Labels labels, long time, double value) {
    return labels + " " + time + " " + Long.toHexString(Double.doubleToRawLongBits(value));
  }

  /** One line per sample of a selection. */
  static List<String> lines(Querier querier, long from, long to, Matcher... matchers) {
    List<String> lines = new ArrayList<>();
    SeriesSet set = querier.select(true, SelectHints.range(from, to), List.of(matchers));
    SeriesSet.Reader reader = set.reader();
    SampleBuffer buffer = new SampleBuffer();
    for (int i = 0; i < set.size(); i++) {
      Labels labels = set.labels(i);
      reader.read(i, from, to, buffer);
      for (int k = 0; k < buffer.size(); k++) {
        lines.add(line(labels, buffer.timestamps()[k], buffer.values()[k]));
      }
    }
    return lines;
  }
}
