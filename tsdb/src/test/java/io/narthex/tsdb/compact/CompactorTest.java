package io.narthex.tsdb.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.MappedFile;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.StorageException;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.Tombstones;
import io.narthex.tsdb.block.Ulid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactorTest {

  private static final long CHUNK_FILE = 512L << 20;

  @TempDir Path folder;
  private final FaultyDisk disk = new FaultyDisk();
  private final List<Block> open = new ArrayList<>();
  private final Random random = new Random(1);
  private int mapped;
  private boolean cancelled;
  private long nextUlid;

  @BeforeEach
  void countMappings() {
    mapped = MappedFile.openCount();
  }

  @AfterEach
  void nothingStaysOpen() {
    open.forEach(Block::close);
    assertThat(MappedFile.openCount()).as("mapped: %s", MappedFile.openFiles()).isEqualTo(mapped);
    assertThat(disk.openOutputs()).isZero();
  }

  private Compactor compactor(long chunkFileBytes) {
    return new Compactor(
        disk, new FakeClock(1_700_000_000_000L), random, folder, chunkFileBytes, () -> cancelled);
  }

  private Compactor compactor() {
    return compactor(CHUNK_FILE);
  }

  private Ulid ulid() {
    return new Ulid(++nextUlid, 0);
  }

  private Block write(Content content, long from, long to, int samplesPerChunk) {
    return opened(content.write(disk, folder, ulid(), from, to, samplesPerChunk));
  }

  private Block opened(Block block) {
    open.add(block);
    return block;
  }

  private Block open(Compactor.Result result) {
    BlockMeta meta = Objects.requireNonNull(result.block());
    Block block = opened(Block.open(disk, folder.resolve(meta.ulid().toString())));
    assertThat(block.meta()).isEqualTo(meta);
    return block;
  }

  private Block compact(Block... sources) {
    return open(compactor().compact(List.of(sources)));
  }

  private Set<String> directories() {
    Set<String> names = new TreeSet<>();
    disk.list(folder).forEach(path -> names.add(String.valueOf(path.getFileName())));
    return names;
  }

  @Test
  void chunksThatTouchNothingPassAsTheyAre() {
    Block first = write(new Content().run(1, 0, 300, 1).run(2, 5, 50, 7), 0, 300_000, 7);
    Block second =
        write(new Content().run(2, 300_000, 130, 1).run(3, 300_000, 1, 1), 300_000, 600_000, 130);
    Block third = write(new Content().run(1, 600_000, 10, 4), 600_000, 900_000, 3);
    Compactor.Result result = compactor().compact(List.of(first, second, third));
    assertThat(result.vertical()).isFalse();
    Block merged = open(result);
    List<String> expected = new ArrayList<>();
    for (Block source : List.of(first, second, third)) {
      expected.addAll(Content.chunks(source));
    }
    assertThat(Content.chunks(merged)).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(Content.chunks(merged)).isSortedAccordingTo((a, b) -> Long.compare(at(a), at(b)));
    assertThat(merged.meta().stats())
        .isEqualTo(new BlockMeta.Stats(491, 491, 0, 3, expected.size(), 0));
  }

  /** Where a chunk stands in a block: by series, then by time. */
  private static long at(String chunk) {
    long series = Long.parseLong(chunk.substring(0, chunk.indexOf(' ')));
    long time = Long.parseLong(chunk.substring(chunk.indexOf('[') + 1, chunk.indexOf(',')));
    return series * 1_000_000_000 + time;
  }

  @Test
  void theMetaTellsWhereTheSamplesComeFrom() {
    Ulid a = ulid();
    Ulid b = ulid();
    BlockMeta.Compaction origin =
        new BlockMeta.Compaction(
            3,
            List.of(b, a),
            false,
            List.of(new BlockMeta.Parent(a, 1, 2)),
            false,
            List.of("x", BlockMeta.STALE));
    Block first =
        opened(
            new Content()
                .run(1, 0, 10, 1)
                .write(
                    disk,
                    folder,
                    new BlockMeta(
                        ulid(), 0, 10_000, BlockMeta.Stats.NONE, origin, Map.of("thanos", "{}")),
                    120));
    Block second = write(new Content().run(1, 20_000, 10, 1), 20_000, 40_000, 120);
    BlockMeta merged = compact(first, second).meta();
    assertThat(merged.minTime()).isZero();
    assertThat(merged.maxTime()).isEqualTo(40_000);
    assertThat(merged.others()).isEmpty();
    assertThat(merged.ulid().millis()).isEqualTo(1_700_000_000_000L);
    assertThat(merged.compaction())
        .isEqualTo(
            new BlockMeta.Compaction(
                4,
                List.of(a, b, second.meta().ulid()),
                false,
                List.of(
                    new BlockMeta.Parent(first.meta().ulid(), 0, 10_000),
                    new BlockMeta.Parent(second.meta().ulid(), 20_000, 40_000)),
                false,
                List.of(BlockMeta.STALE)));
  }

  @Test
  void theHintOfOutOfOrderSamplesStaysWhereAllAreSuch() {
    List<BlockMeta> metas = new ArrayList<>();
    for (List<String> hints :
        List.of(
            List.of(BlockMeta.OUT_OF_ORDER), List.of(BlockMeta.OUT_OF_ORDER), List.<String>of())) {
      Ulid ulid = ulid();
      metas.add(
          new BlockMeta(
              ulid,
              0,
              10,
              BlockMeta.Stats.NONE,
              new BlockMeta.Compaction(1, List.of(ulid), false, List.of(), false, hints),
              Map.of()));
    }
    assertThat(Compactor.combined(ulid(), metas).compaction().hints()).isEmpty();
    assertThat(Compactor.combined(ulid(), metas.subList(0, 2)).compaction().hints())
        .containsExactly(BlockMeta.OUT_OF_ORDER);
  }

  @Test
  void chunksThatOverlapAreEncodedAnew() {
    // 250 samples from each of two blocks, every other second; no two chunks end together.
    Content even = new Content();
    Content odd = new Content();
    for (int i = 0; i < 250; i++) {
      even.add(1, i * 2000L, i);
      odd.add(1, i * 2000L + 1000, -i);
    }
    Block first = write(even, 0, 600_000, 50);
    Block second = write(odd, 0, 600_000, 70);
    Content later = new Content().run(1, 550_000, 30, 0);
    Block third = write(later, 0, 600_000, 50);
    Compactor.Result result = compactor().compact(List.of(first, second, third));
    assertThat(result.vertical()).isTrue();
    Block merged = open(result);
    assertThat(Content.chunkTimes(merged))
        .containsExactly(
            "1 [0, 119000] 120",
            "1 [120000, 239000] 120",
            "1 [240000, 359000] 120",
            "1 [360000, 479000] 120",
            "1 [480000, 499000] 20",
            "1 [550000, 579000] 30");
    Content both = new Content();
    both.all.putAll(even.all);
    for (Content content : List.of(odd, later)) {
      content.all.forEach((labels, samples) ->
          both.all.computeIfAbsent(labels, key -> new TreeMap<>()).putAll(samples));
    }
    assertThat(Content.of(merged).all).isEqualTo(both.all);
  }

  @Test
  void equalChunksPassOnce() {
    Content content = new Content().run(1, 0, 100, 5).run(2, 0, 500, 2);
    Block first = write(content, 0, 600_000, 33);
    Block second = write(content, 0, 600_000, 33);
    Block third = write(content, 0, 600_000, 33);
    assertThat(Content.chunks(compact(first, second, third))).isEqualTo(Content.chunks(first));
  }

  @Test
  void ofTwoSamplesOfOneTimeThatOfTheChunkThatBeginsLaterStays() {
    Block first = write(new Content().run(1, 0, 10, 100), 0, 60_000, 120);
    Block second = write(new Content().run(1, 5000, 10, 200).run(2, 0, 3, 1), 0, 60_000, 120);
    TreeMap<Long, Double> merged =
        Objects.requireNonNull(Content.of(compact(first, second)).all.get(Content.series(1)));
    assertThat(merged.get(4000L)).isEqualTo(104);
    assertThat(merged.get(5000L)).isEqualTo(200);
    assertThat(merged.get(9000L)).isEqualTo(204);
    assertThat(merged.get(10_000L)).isEqualTo(205);
    // In the other order of blocks too.
    TreeMap<Long, Double> other =
        Objects.requireNonNull(Content.of(compact(second, first)).all.get(Content.series(1)));
    assertThat(other).isEqualTo(merged);
  }

  @Test
  void whatIsDeletedIsLeftOut() {
    Block first =
        write(new Content().run(1, 0, 30, 1).run(2, 0, 30, 1).run(3, 0, 30, 1), 0, 30_000, 10);
    Block second = write(new Content().run(1, 30_000, 30, 1), 30_000, 60_000, 10);
    List<String> before = Content.chunks(first);
    List<Matcher> one = List.of(Matcher.equal("number", "1"));
    assertThat(first.delete(5000, 12_000, one)).isTrue();
    assertThat(first.delete(20_000, 90_000, one)).isTrue();
    assertThat(first.delete(0, 90_000, List.of(Matcher.equal("number", "2")))).isTrue();
    assertThat(first.delete(0, 90_000, List.of(Matcher.equal("number", "9")))).isFalse();
    assertThat(first.delete(90_000, 99_000, one)).isFalse();
    // As far as the series goes.
    assertThat(first.tombstones().count()).isEqualTo(3);
    assertThat(first.meta().stats().tombstones()).isEqualTo(3);
    Content expected = Content.of(first);
    assertThat(expected.samples()).isEqualTo(30 - 18 + 30);
    Block merged = compact(first, second);
    assertThat(Content.chunkTimes(merged))
        .containsExactly(
            "1 [0, 4000] 5",
            "1 [13000, 19000] 7",
            "1 [30000, 39000] 10",
            "1 [40000, 49000] 10",
            "1 [50000, 59000] 10",
            "3 [0, 9000] 10",
            "3 [10000, 19000] 10",
            "3 [20000, 29000] 10");
    assertThat(Content.chunks(merged)).containsAll(before.subList(6, 9));
    assertThat(merged.tombstones().isEmpty()).isTrue();
    Content.of(second)
        .all
        .forEach((labels, samples) ->
            expected.all.computeIfAbsent(labels, key -> new TreeMap<>()).putAll(samples));
    assertThat(Content.of(merged).all).isEqualTo(expected.all);
  }

  @Test
  void aRewrittenBlockBeginsAtLevelOne() {
    Block source = write(new Content().run(1, 0, 30, 1).run(2, 0, 30, 1), 0, 60_000, 120);
    source.delete(0, 60_000, List.of(Matcher.equal("number", "1")));
    Block merged = compact(source, write(new Content().run(2, 90_000, 1, 1), 90_000, 120_000, 9));
    merged.delete(10_000, 12_000, List.of(Content.ANY));
    Content expected = Content.of(merged);
    Block rewritten = open(compactor().rewrite(merged));
    assertThat(Content.of(rewritten).all).isEqualTo(expected.all);
    BlockMeta meta = rewritten.meta();
    assertThat(meta.stats()).isEqualTo(new BlockMeta.Stats(28, 28, 0, 1, 2, 0));
    assertThat(meta.minTime()).isZero();
    assertThat(meta.maxTime()).isEqualTo(120_000);
    assertThat(meta.compaction().level()).isEqualTo(1);
    assertThat(meta.compaction().sources()).containsExactly(meta.ulid());
    assertThat(meta.compaction().parents())
        .containsExactly(new BlockMeta.Parent(merged.meta().ulid(), 0, 120_000));
  }

  @Test
  void whereNothingIsLeftTheSourcesMayGo() {
    Block first = write(new Content().run(1, 0, 30, 1), 0, 60_000, 7);
    Block second = write(new Content().run(1, 60_000, 30, 1), 60_000, 120_000, 7);
    first.delete(0, 60_000, List.of(Content.ANY));
    second.delete(0, 600_000, List.of(Content.ANY));
    Set<String> before = directories();
    assertThat(compactor().compact(List.of(first, second)).block()).isNull();
    assertThat(directories()).isEqualTo(before);
    for (Block source : List.of(first, second)) {
      assertThat(source.meta().compaction().deletable()).isTrue();
      assertThat(source.meta().compaction().failed()).isFalse();
      Block again = opened(Block.open(disk, source.directory()));
      assertThat(again.meta().compaction().deletable()).isTrue();
      assertThat(again.size()).isEqualTo(source.size());
    }
  }

  @Test
  void samplesBesideTheBlocksTimeAreCut() {
    // Old programs wrote chunks that reach out of their block.
    Content content = new Content().run(1, 0, 30, 1);
    Block wide = write(content, 10_000, 20_000, 8);
    Block merged = compact(wide, write(new Content().run(2, 20_000, 1, 1), 20_000, 30_000, 1));
    assertThat(Content.chunkTimes(merged))
        .containsExactly(
            "1 [10000, 15000] 6", "1 [16000, 23000] 8", "1 [24000, 29000] 6", "2 [20000, 20000] 1");
    Block narrow = open(compactor().rewrite(wide));
    assertThat(Content.chunkTimes(narrow))
        .containsExactly("1 [10000, 15000] 6", "1 [16000, 19000] 4");
  }

  @Test
  void symbolsOfWhatIsLeftOutStay() {
    Block first = write(new Content().run(1, 0, 30, 1).run(22, 0, 30, 1), 0, 60_000, 7);
    Block second = write(new Content().run(1, 60_000, 30, 1), 60_000, 120_000, 7);
    first.delete(0, 60_000, List.of(Matcher.equal("number", "22")));
    List<String> symbols = new ArrayList<>();
    try (var scan = compact(first, second).scan()) {
      scan.symbols((bytes, length) -> symbols.add(Utf8.text(bytes, 0, length)));
    }
    assertThat(symbols).containsExactly("", "1", "22", "__name__", "m", "number");
  }

  @Test
  void chunksGoToAnotherFileWhenOneIsFull() {
    Content content = new Content();
    Random values = new Random(3);
    for (int s = 0; s < 40; s++) {
      for (int i = 0; i < 2000; i++) {
        content.add(s, i * 1000L, values.nextGaussian());
      }
    }
    Block first = write(content, 0, 2_000_000, 120);
    Block second = write(new Content().run(1, 2_000_000, 10, 1), 2_000_000, 4_000_000, 120);
    long small = 300_000;
    Block merged = open(compactor(small).compact(List.of(first, second)));
    List<Path> files = disk.list(merged.directory().resolve("chunks"));
    assertThat(files).hasSizeGreaterThan(2);
    assertThat(files).allMatch(file -> disk.size(file) <= small);
    content.run(1, 2_000_000, 10, 1);
    assertThat(Content.of(merged).all).isEqualTo(content.all);
  }

  /** What is left of a sample's time: every value that some block has for it. */
  private static final class Model {
    private final TreeMap<String, Set<Long>> values = new TreeMap<>();

    void add(Content content) {
      content.all.forEach((labels, samples) ->
          samples.forEach((time, value) ->
              values
                  .computeIfAbsent(labels + " " + time, key -> new TreeSet<>())
                  .add(Double.doubleToRawLongBits(value))));
    }

    void check(Content merged, long seed) {
      Set<String> found = new TreeSet<>();
      merged.all.forEach((labels, samples) ->
          samples.forEach((time, value) -> {
            String key = labels + " " + time;
            found.add(key);
            assertThat(values.getOrDefault(key, Set.of()))
                .as("seed %d: %s", seed, key)
                .contains(Double.doubleToRawLongBits(value));
          }));
      assertThat(found).as("seed %d", seed).isEqualTo(values.keySet());
    }
  }

  private Block randomBlock(Random dice) {
    long from = dice.nextInt(4) * 100_000L;
    long length = (1 + dice.nextInt(3)) * 100_000L;
    Content content = new Content();
    int series = 1 + dice.nextInt(6);
    for (int s = 0; s < series; s++) {
      int number = dice.nextInt(8);
      int step = dice.nextInt(3) == 0 ? 1 + dice.nextInt(5000) : 1000;
      long time = from + dice.nextInt(20_000);
      int left = 1 + dice.nextInt(400);
      while (left-- > 0 && time < from + length) {
        double value =
            switch (dice.nextInt(4)) {
              case 0 -> 1;
              case 1 -> dice.nextInt(3);
              case 2 -> Double.NaN;
              default -> dice.nextGaussian();
            };
        content.add(number, time, value);
        time += step;
      }
    }
    Block block = write(content, from, from + length, 1 + dice.nextInt(200));
    for (int i = dice.nextInt(4); i > 0; i--) {
      long deleteFrom = from + dice.nextLong(length);
      block.delete(
          deleteFrom,
          deleteFrom + dice.nextLong(length),
          List.of(
              dice.nextInt(5) == 0
                  ? Content.ANY
                  : Matcher.equal("number", Integer.toString(dice.nextInt(8)))));
    }
    return block;
  }

  @Test
  void aCompactionKeepsAllSamples() {
    for (long seed = 0; seed < 60; seed++) {
      Random dice = new Random(seed);
      List<Block> sources = new ArrayList<>();
      Model model = new Model();
      for (int i = 1 + dice.nextInt(5); i > 0; i--) {
        Block block = randomBlock(dice);
        sources.add(block);
        model.add(Content.of(block));
      }
      sources.sort((a, b) -> Long.compare(a.meta().minTime(), b.meta().minTime()));
      Compactor.Result result = compactor().compact(sources);
      if (result.block() == null) {
        assertThat(model.values).as("seed %d", seed).isEmpty();
      } else {
        Block merged = open(result);
        Content content = Content.of(merged);
        model.check(content, seed);
        BlockMeta.Stats stats = merged.meta().stats();
        assertThat(stats.samples()).as("seed %d", seed).isEqualTo(content.samples());
        assertThat(stats.series()).as("seed %d", seed).isEqualTo(content.all.size());
        assertThat(stats.chunks()).isEqualTo(Content.chunks(merged).size());
        // Once more: nothing overlaps and nothing is deleted any more, so nothing changes.
        Block again = open(compactor().compact(List.of(merged)));
        assertThat(Content.chunks(again)).isEqualTo(Content.chunks(merged));
      }
    }
  }

  // Faults.

  private List<Block> twoBlocks() {
    Block first = write(new Content().run(1, 0, 100, 1).run(2, 0, 50, 3), 0, 100_000, 20);
    Block second = write(new Content().run(1, 50_000, 100, 1), 50_000, 200_000, 20);
    first.delete(3000, 5000, List.of(Content.ANY));
    return List.of(first, second);
  }

  @Test
  void aDiskThatFillsAtAnyMomentLeavesNothingBehind() {
    List<Block> sources = twoBlocks();
    Set<String> before = directories();
    List<BlockMeta> metas = sources.stream().map(Block::meta).toList();
    int failures = 0;
    while (true) {
      disk.failAfter(failures, true);
      Compactor.Result result;
      try {
        result = compactor().compact(sources);
      } catch (StorageException e) {
        assertThat(e).as("change %d", failures).hasMessageContaining("No space left on device");
        disk.heal();
        // Only the last change of all, the directory's sync, comes when the block has its name.
        Set<String> after = directories();
        if (after.size() > before.size()) {
          assertThat(after).as("change %d", failures).noneMatch(name -> name.contains("tmp"));
          break;
        }
        assertThat(after).as("change %d", failures).isEqualTo(before);
        assertThat(disk.openOutputs()).isZero();
        for (Block source : sources) {
          assertThat(metas).contains(opened(Block.open(disk, source.directory())).meta());
        }
        failures++;
        continue;
      }
      open(result);
      break;
    }
    assertThat(failures).isGreaterThan(15);
    disk.heal();
    assertThat(Content.of(compact(sources.get(0), sources.get(1))).samples()).isEqualTo(194);
  }

  @Test
  void aProcessKilledAtAnyMomentLeavesSourcesOrResult() throws IOException {
    List<Block> sources = twoBlocks();
    Set<String> before = directories();
    int kills = 0;
    boolean whole = false;
    while (!whole) {
      disk.failAfter(kills, false);
      try {
        compactor().compact(sources);
        whole = true;
      } catch (RuntimeException e) {
        kills++;
      }
      disk.heal();
      Set<String> after = directories();
      after.removeAll(before);
      assertThat(after).as("change %d", kills).hasSizeLessThanOrEqualTo(1);
      for (String name : after) {
        Path path = folder.resolve(name);
        if (!name.endsWith(".tmp-for-creation")) {
          try (Block block = Block.open(disk, path)) {
            assertThat(Content.of(block).samples()).isEqualTo(194);
            assertThat(block.meta().compaction().parents()).hasSize(2);
          }
        }
        if (!whole) {
          disk.deleteTree(path);
        }
      }
      for (Block source : sources) {
        assertThat(Files.readString(source.directory().resolve("meta.json")))
            .doesNotContain("failed");
      }
    }
    assertThat(kills).isGreaterThan(15);
  }

  @Test
  void aBrokenSourceIsMarkedAndNotTriedAgain() throws IOException {
    Block first = write(new Content().run(1, 0, 100, 1).run(2, 0, 50, 3), 0, 100_000, 20);
    Block second = write(new Content().run(1, 100_000, 100, 1), 100_000, 200_000, 20);
    Path chunks = second.directory().resolve("chunks/000001");
    byte[] bytes = Files.readAllBytes(chunks);
    bytes[bytes.length / 2] ^= 1;
    try (SeekableByteChannel file = Files.newByteChannel(chunks, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(bytes));
    }
    // Opened once more: a small file is in memory since it was opened.
    Block broken = opened(Block.open(disk, second.directory()));
    Set<String> before = directories();
    assertThatThrownBy(() -> compactor().compact(List.of(first, broken)))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(chunks.toString())
        .hasMessageContaining("checksum mismatch");
    assertThat(directories()).isEqualTo(before);
    for (Block source : List.of(first, broken)) {
      assertThat(source.meta().compaction().failed()).isTrue();
      assertThat(opened(Block.open(disk, source.directory())).meta()).isEqualTo(source.meta());
    }
  }

  @Test
  void aDiskWithoutRoomIsNotFilled() {
    List<Block> sources = twoBlocks();
    Set<String> before = directories();
    disk.sayFree(sources.get(0).size() + sources.get(1).size() - 1);
    assertThatThrownBy(() -> compactor().compact(sources))
        .isInstanceOf(StorageException.class)
        .hasMessageStartingWith("compaction of 2 blocks put off: they have ");
    assertThat(directories()).isEqualTo(before);
    assertThat(sources).noneMatch(source -> source.meta().compaction().failed());
    disk.sayFree(sources.get(0).size() + sources.get(1).size());
    assertThat(open(compactor().compact(sources)).meta().stats().samples()).isEqualTo(194);
  }

  @Test
  void aCompactionCanBeStopped() {
    List<Block> sources = twoBlocks();
    Set<String> before = directories();
    cancelled = true;
    assertThatThrownBy(() -> compactor().compact(sources))
        .isInstanceOf(CompactionCancelledException.class);
    assertThat(directories()).isEqualTo(before);
    assertThat(sources).noneMatch(source -> source.meta().compaction().failed());
    cancelled = false;
    assertThat(open(compactor().compact(sources)).meta().stats().samples()).isEqualTo(194);
  }

  @Test
  void deletionsThatCannotBeWrittenAreNotInForce() {
    Block block = write(new Content().run(1, 0, 100, 1), 0, 100_000, 20);
    Tombstones none = block.tombstones();
    for (int n = 0; n < 4; n++) {
      disk.failAfter(n, true);
      assertThatThrownBy(() -> block.delete(0, 5000, List.of(Content.ANY)))
          .as("change %d", n)
          .isInstanceOf(StorageException.class);
      assertThat(block.tombstones()).isSameAs(none);
      assertThat(Content.of(block).samples()).isEqualTo(100);
    }
    disk.heal();
    assertThat(disk.list(block.directory()).toString()).doesNotContain(".tmp");
    block.delete(0, 5000, List.of(Content.ANY));
    assertThat(Content.of(block).samples()).isEqualTo(94);
  }
}
