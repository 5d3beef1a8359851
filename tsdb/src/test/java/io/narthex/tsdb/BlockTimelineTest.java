package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.labels.Labels;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockWriter;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.chunk.XorBuilder;
import io.narthex.tsdb.chunk.XorDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The blocks of a range are those that a look at each of them finds, however they overlap. */
class BlockTimelineTest {

  private static Block block(Path database, Random random, long from, long to) {
    Ulid ulid = Ulid.next(1_700_000_000_000L, random);
    BlockMeta meta =
        new BlockMeta(
            ulid, from, to, BlockMeta.Stats.NONE, BlockMeta.Compaction.ofHead(ulid), Map.of());
    try (SlabAllocator allocator = new SlabAllocator();
        XorBuilder chunk = new XorBuilder(allocator);
        BlockWriter writer = new BlockWriter(Disk.SYSTEM, database, meta)) {
      chunk.append(from, 1);
      byte[] bytes = chunk.finish();
      writer.series(Labels.of("__name__", "m"));
      writer.chunk(from, from, 1, 1, bytes, 0, bytes.length - XorDecoder.PADDING);
      assertThat(writer.finish()).isNotNull();
    }
    return Block.open(Disk.SYSTEM, database.resolve(ulid.toString()));
  }

  @Test
  void findsWhatALookAtEachFinds(@TempDir Path database) {
    Random random = new Random(5);
    List<Block> blocks = new ArrayList<>();
    try {
      for (int i = 0; i < 30; i++) {
        long from = random.nextInt(50) * 10L;
        blocks.add(block(database, random, from, from + 10 * (1 + random.nextInt(12) / 4 * 5)));
      }
      blocks.sort(Comparator.comparingLong(block -> block.meta().minTime()));
      BlockTimeline timeline = new BlockTimeline(blocks);
      for (long from = -15; from < 700; from += 5) {
        for (long to = from; to < 700; to += 5) {
          long low = from;
          long high = to;
          assertThat(timeline.overlapping(low, high))
              .isEqualTo(
                  blocks.stream().filter(block -> block.meta().overlaps(low, high)).toList());
        }
      }
      assertThat(timeline.overlapping(Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(blocks);
    } finally {
      blocks.forEach(Block::close);
    }
    assertThat(new BlockTimeline(List.of()).overlapping(0, 1)).isEmpty();
  }
}
