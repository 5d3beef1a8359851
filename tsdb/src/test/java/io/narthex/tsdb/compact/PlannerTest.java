package io.narthex.tsdb.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.Ulid;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cases are those of Prometheus' own tests of its planner, and some more. */
class PlannerTest {

  /**
   * Reads blocks like {@code 1:0~20 2:20~40!failed 3:0~540#3/10}: a name, a range of time, hints
   * behind exclamation marks, and tombstones over series. Names are ULIDs' order.
   */
  private static List<BlockMeta> blocks(String text) {
    List<BlockMeta> all = new ArrayList<>();
    for (String word : text.strip().split("\\s+")) {
      String[] flags = word.split("!");
      String[] parts = flags[0].split("[:#/]");
      String[] range = parts[1].split("~");
      List<String> hints = new ArrayList<>();
      boolean failed = false;
      for (int i = 1; i < flags.length; i++) {
        switch (flags[i]) {
          case "failed" -> failed = true;
          case "stale" -> hints.add(BlockMeta.STALE);
          case "selected" -> hints.add(BlockMeta.SELECTED);
          default -> hints.add(flags[i]);
        }
      }
      long tombstones = parts.length > 2 ? Long.parseLong(parts[2]) : 0;
      long series = parts.length > 3 ? Long.parseLong(parts[3]) : 0;
      Ulid ulid = new Ulid(0, Long.parseLong(parts[0]));
      all.add(
          new BlockMeta(
              ulid,
              Long.parseLong(range[0]),
              Long.parseLong(range[1]),
              new BlockMeta.Stats(0, 0, 0, series, 0, tombstones),
              new BlockMeta.Compaction(1, List.of(ulid), false, List.of(), failed, hints),
              Map.of()));
    }
    return all;
  }

  private static String names(List<BlockMeta> blocks) {
    return blocks.stream()
        .map(block -> Long.toString(block.ulid().low()))
        .collect(Collectors.joining(" "));
  }

  private static String plan(String ranges, String blocks) {
    List<Long> list = List.of(ranges.split(" ")).stream().map(Long::valueOf).toList();
    return names(new Planner(list, true).plan(blocks(blocks), block -> false));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a single block                            | 1:0~20                                       | ''
          a range that is not full                  | 1:0~20 2:20~40                               | ''
          a full range whose last block is fresh    | 1:0~20 2:20~40 3:40~60                       | ''
          a full range                              | 1:0~20 2:20~40 3:40~60 4:60~80               | 1 2 3
          a gap, the first block behind it fresh    | 1:0~20 2:20~40 3:60~80                       | ''
          a gap that will not be filled             | 1:0~20 2:20~40 3:60~80 4:80~100              | 1 2
          shorter ranges first                      | 1:0~20 2:20~40 3:40~60 4:60~120 5:120~180    | 1 2 3
          different lengths with gaps, in any order | 2:20~40 4:60~120 5:960~980 6:120~180 7:720~960 | 2 4 6
          tombstones, but no fresh block            | 1:0~540#3/10                                 | ''
          many tombstones                           | 1:0~540#3/10 2:540~560                       | 1
          many tombstones in a short block          | 1:0~60#3/10 2:60~80                          | ''
          all of a short block is deleted           | 1:0~60#10/10 2:60~80                         | 1
          few tombstones                            | 1:0~540#1/20 2:540~560                       | ''
          neither series nor tombstones             | 1:0~540#0/0 2:540~560                        | ''
          many tombstones, and failed before        | 1:0~540#3/10!failed 2:540~560                | ''
          all deleted, and failed before            | 1:0~60#10/10!failed 2:60~80                  | ''
          tombstones of the newest long block first | 1:0~540#3/10 2:540~1080#3/10 3:1080~1100     | 2
          the newest by time, not by name           | 5:0~360 6:540~560 7:360~420 8:420~540        | 7 8
          two overlap                               | 1:0~20 2:19~40 3:40~60                       | 1 2
          the two newest overlap                    | 1:0~20 2:20~40 3:30~50                       | 2 3
          three overlap in a chain                  | 1:0~20 2:10~40 3:30~50                       | 1 2 3
          one overlaps several                      | 5:0~360 6:340~560 7:360~420 8:420~540        | 5 6 7 8
          the older overlap first                   | 1:0~10 2:9~20 3:30~40 4:39~50                | 1 2
          one within another                        | 1:0~100 2:20~30 3:200~220                    | 1 2
          a failed block overlaps                   | 1:0~10!failed 2:9~20 3:30~40 4:39~50         | 3 4
          only a failed block overlaps              | 1:0~10 2:9~20!failed 3:30~40                 | ''
          before the epoch                          | 1:-60~-40 2:-40~-20 3:-20~0 4:0~20           | 1 2 3
          """)
  void choosesAsPrometheusDoes(String title, String blocks, String expected) {
    assertThat(plan("20 60 180 540 1620", blocks)).describedAs(title).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "1:0~20 2:20~40!failed 3:40~60 4:60~80",
    "1:0~20 2:20~40!failed 3:60~80 4:80~100",
    "1:0~20 2:20~40!failed 3:40~60 4:60~120 5:120~180 6:180~200"
  })
  void aRangeWithAFailedBlockIsPassedOver(String blocks) {
    assertThat(plan("20 60 240 720 2160", blocks)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1:0~20 9:0~20!stale 2:20~40 3:40~60 4:60~80                   | 1 2 3
          1:0~20!stale 2:20~40!stale 3:40~60!stale 4:60~80!stale        | 1 2 3
          9:0~20 1:0~20!stale 2:20~40!stale 3:40~60!stale 4:60~80!stale | 1 2 3
          1:0~20!stale 2:0~20!selected                                  | ''
          1:0~20!selected 2:0~20 3:0~20!selected                        | 1 3
          1:0~20!from-out-of-order 2:0~20                               | 1 2
          """)
  void blocksOfChosenSeriesAreNotMixedWithOthers(String blocks, String expected) {
    assertThat(plan("20 60 180", blocks)).isEqualTo(expected);
  }

  @Test
  void withOneRangeOnlyOverlapsAndTombstonesAreCompacted() {
    assertThat(plan("20", "1:0~20 2:20~40 3:40~60 4:60~80")).isEmpty();
    assertThat(plan("20", "1:0~20 2:10~40 3:40~60")).isEqualTo("1 2");
    assertThat(plan("50", "1:0~100 2:101~200")).isEmpty();
  }

  @Test
  void overlapsCanBeLeftAlone() {
    Planner planner = new Planner(List.of(20L, 60L), false);
    assertThat(planner.plan(blocks("1:0~20 2:10~40 3:50~60"), block -> false)).isEmpty();
    assertThat(names(planner.plan(blocks("1:0~20 2:10~40 3:40~60 4:60~80"), block -> false)))
        .isEqualTo("1 2 3");
  }

  @Test
  void nothingIsConsideredFromAHeldBlockOn() {
    Planner planner = new Planner(List.of(20L, 60L), true);
    List<BlockMeta> blocks = blocks("1:0~20 2:20~40 3:40~60 4:60~80");
    List<Long> asked = new ArrayList<>();
    assertThat(
            planner.plan(
                blocks,
                block -> {
                  asked.add(block.ulid().low());
                  return block.ulid().low() == 2;
                }))
        .isEmpty();
    assertThat(asked).containsExactly(1L, 2L);
    assertThat(names(planner.plan(blocks, block -> block.ulid().low() == 5))).isEqualTo("1 2 3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          60 | 1:0~10                               | 0~10
          60 | 1:0~60                               | 0~60
          60 | 1:0~10 2:9~15 3:30~60                | 0~10 9~15 30~60
          60 | 1:70~90 2:125~130 3:130~180 4:1000~1001 | 70~90 / 125~130 130~180 / 1000~1001
          60 | 1:50~70 2:70~80                      | 70~80
          72 | 1:0~144 2:144~216 3:216~288          | 144~216 / 216~288
          60 | 1:-10~-5                             | -10~-5
          60 | 1:-60~-50 2:-10~-5                   | -60~-50 -10~-5
          60 | 1:-60~-50 2:-10~-5 3:0~15            | -60~-50 -10~-5 / 0~15
          """)
  void rangesBeginAtMultiplesOfThemselves(long range, String blocks, String expected) {
    String groups =
        Planner.split(blocks(blocks), range).stream()
            .map(group ->
                group.stream()
                    .map(block -> block.minTime() + "~" + block.maxTime())
                    .collect(Collectors.joining(" ")))
            .collect(Collectors.joining(" / "));
    assertThat(groups).isEqualTo(expected);
  }

  @Test
  void rangesTripleUpToTheLongest() {
    assertThat(Planner.ranges(2, 100)).containsExactly(2L, 6L, 18L, 54L);
    assertThat(Planner.ranges(2, 54)).containsExactly(2L, 6L, 18L, 54L);
    assertThat(Planner.ranges(2, 2)).containsExactly(2L);
    assertThat(Planner.ranges(2, 1)).containsExactly(2L);
    assertThat(Planner.ranges(1, Long.MAX_VALUE)).hasSize(10).last().isEqualTo(19_683L);
    assertThatThrownBy(() -> new Planner(List.of(), true))
        .hasMessage("at least one range must be provided");
  }

  @Test
  void aYearOfBlocksSettles() {
    // Each plan carried out on the metas alone: it must come to an end, with no range left to do.
    List<BlockMeta> blocks = new ArrayList<>();
    for (int i = 0; i < 12 * 365; i++) {
      blocks.addAll(blocks(i + ":" + i * 2 + "~" + (i * 2 + 2)));
    }
    Planner planner = new Planner(Planner.ranges(2, 744), true);
    int compactions = 0;
    while (true) {
      List<BlockMeta> plan = planner.plan(blocks, block -> false);
      if (plan.isEmpty()) {
        break;
      }
      assertThat(plan).hasSizeGreaterThan(1);
      blocks.removeAll(plan);
      blocks.add(Compactor.combined(plan.getFirst().ulid(), plan));
      compactions++;
    }
    blocks.sort(Comparator.comparingLong(BlockMeta::minTime));
    assertThat(compactions).isBetween(1000, 3000);
    assertThat(blocks).hasSizeLessThan(40);
    long end = 0;
    for (BlockMeta block : blocks) {
      assertThat(block.minTime()).isEqualTo(end);
      end = block.maxTime();
    }
    assertThat(end).isEqualTo(24 * 365);
    assertThat(blocks.getFirst().compaction().sources()).hasSize(243);
    assertThat(blocks.getFirst().compaction().level()).isEqualTo(6);
  }
}
