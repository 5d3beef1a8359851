package io.narthex.tsdb.compact;

import io.narthex.base.file.Disk;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockScan;
import io.narthex.tsdb.block.BlockWriter;
import io.narthex.tsdb.block.RawChunk;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.chunk.XorBuilder;
import io.narthex.tsdb.chunk.XorDecoder;
import io.narthex.tsdb.index.ChunkMetas;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Series with samples: what goes into a block, and what comes out of one. */
final class Content {

  static final Matcher ANY = new Matcher(Matcher.Type.REGEX, "__name__", ".+");

  /** By labels; by time. */
  final TreeMap<Labels, TreeMap<Long, Double>> all = new TreeMap<>();

  static Labels series(int number) {
    return Labels.of("__name__", "m", "number", Integer.toString(number));
  }

  Content add(int number, long time, double value) {
    all.computeIfAbsent(series(number), labels -> new TreeMap<>()).put(time, value);
    return this;
  }

  /** Adds samples from a time on, one second apart, whose values tell where they come from. */
  Content run(int number, long from, int count, double value) {
    for (int i = 0; i < count; i++) {
      add(number, from + i * 1000L, value + i);
    }
    return this;
  }

  long samples() {
    return all.values().stream().mapToLong(Map::size).sum();
  }

  /** Writes a block and opens it. */
  Block write(Disk disk, Path database, Ulid ulid, long from, long to, int samplesPerChunk) {
    BlockMeta meta =
        new BlockMeta(
            ulid, from, to, BlockMeta.Stats.NONE, BlockMeta.Compaction.ofHead(ulid), Map.of());
    return write(disk, database, meta, samplesPerChunk);
  }

  Block write(Disk disk, Path database, BlockMeta meta, int samplesPerChunk) {
    try (SlabAllocator allocator = new SlabAllocator();
        XorBuilder chunk = new XorBuilder(allocator);
        BlockWriter writer = new BlockWriter(disk, database, meta)) {
      all.forEach((labels, samples) -> {
        writer.series(labels);
        long first = 0;
        for (var sample : samples.entrySet()) {
          first = chunk.count() == 0 ? sample.getKey() : first;
          chunk.append(sample.getKey(), sample.getValue());
          if (chunk.count() == samplesPerChunk || sample.getKey().equals(samples.lastKey())) {
            int count = chunk.count();
            byte[] bytes = chunk.finish();
            writer.chunk(
                first, sample.getKey(), 1, count, bytes, 0, bytes.length - XorDecoder.PADDING);
          }
        }
      });
      Objects.requireNonNull(writer.finish());
    }
    return Block.open(disk, database.resolve(meta.ulid().toString()));
  }

  /** What a block answers. */
  static Content of(Block block) {
    Content found = new Content();
    try (Querier querier = block.querier(Long.MIN_VALUE, Long.MAX_VALUE)) {
      SeriesSet set =
          querier.select(true, SelectHints.range(Long.MIN_VALUE, Long.MAX_VALUE), List.of(ANY));
      SeriesSet.Reader reader = set.reader();
      SampleBuffer buffer = new SampleBuffer();
      for (int i = 0; i < set.size(); i++) {
        reader.read(i, Long.MIN_VALUE, Long.MAX_VALUE, buffer);
        TreeMap<Long, Double> samples = new TreeMap<>();
        for (int k = 0; k < buffer.size(); k++) {
          samples.put(buffer.timestamps()[k], buffer.values()[k]);
        }
        if (!samples.isEmpty()) {
          found.all.put(set.labels(i), samples);
        }
      }
    }
    return found;
  }

  /** The chunks of a block as text: labels, times, number of samples, bytes. */
  static List<String> chunks(Block block) {
    List<String> found = new ArrayList<>();
    ChunkMetas metas = new ChunkMetas();
    RawChunk chunk = new RawChunk();
    try (BlockScan scan = block.scan()) {
      while (scan.next()) {
        scan.chunks(metas);
        for (int i = 0; i < metas.size(); i++) {
          scan.read(metas.ref(i), chunk);
          String bytes =
              HexFormat.of().formatHex(chunk.bytes(), chunk.from(), chunk.from() + chunk.length());
          found.add(
              scan.labels().get("number")
                  + " ["
                  + metas.minTime(i)
                  + ", "
                  + metas.maxTime(i)
                  + "] "
                  + XorDecoder.count(chunk.bytes(), chunk.from())
                  + " "
                  + bytes);
        }
      }
    }
    return found;
  }

  /** The same without the bytes. */
  static List<String> chunkTimes(Block block) {
    return chunks(block).stream().map(text -> text.substring(0, text.lastIndexOf(' '))).toList();
  }
}
