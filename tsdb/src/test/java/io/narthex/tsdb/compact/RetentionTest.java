package io.narthex.tsdb.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.Ulid;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionTest {

  /** Blocks as {@code <end>:<bytes>}, each 10 long. */
  private static List<Retention.Sized> blocks(String text) {
    List<Retention.Sized> all = new ArrayList<>();
    for (String word : text.split(" ")) {
      long end = Long.parseLong(word.split(":")[0]);
      Ulid ulid = new Ulid(0, end);
      BlockMeta meta =
          new BlockMeta(
              ulid,
              end - 10,
              end,
              BlockMeta.Stats.NONE,
              BlockMeta.Compaction.ofHead(ulid),
              Map.of());
      all.add(new Retention.Sized(meta, Long.parseLong(word.split(":")[1])));
    }
    return all;
  }

  private static String ends(List<BlockMeta> metas) {
    return String.join(" ", metas.stream().map(meta -> Long.toString(meta.maxTime())).toList());
  }

  @ParameterizedTest
  @CsvSource({
    // blocks, time, bytes, percent, others, file system, too old, too much
    "10:1 20:1 30:1, 0, 0, 0, 0, 100, '', ''",
    "10:1 20:1 30:1, 20, 0, 0, 0, 100, 10, ''",
    "30:1 10:1 20:1, 10, 0, 0, 0, 100, 20 10, ''",
    "10:1 20:1 30:1, 21, 0, 0, 0, 100, '', ''",
    "10:1, 1, 0, 0, 0, 100, '', ''",
    "10:5 20:5 30:5, 0, 15, 0, 0, 100, '', ''",
    "10:5 20:5 30:5, 0, 14, 0, 0, 100, '', 10",
    "10:5 20:5 30:5, 0, 15, 0, 1, 100, '', 10",
    // What is older than the block that is too much goes too, however small.
    "10:1 20:50 30:5, 0, 20, 0, 0, 100, '', 20 10",
    // The newest is needed by the next start.
    "10:5 20:5 30:5, 0, 1, 0, 0, 100, '', 20 10",
    "10:5 20:5 30:5, 0, 1, 0, 50, 100, '', 20 10",
    "10:5 20:5 30:5, 15, 9, 0, 0, 100, 10, 20 10",
    // The percentage takes the place of the bytes, if the size is known.
    "10:5 20:5 30:5, 0, 1, 12, 0, 100, '', 10",
    "10:5 20:5 30:5, 0, 1, 99.5, 0, 100, '', ''",
    "10:5 20:5 30:5, 0, 14, 50, 0, 0, '', 10",
    "10:5 20:5 30:5, 0, 0, 50, 0, 0, '', ''",
  })
  void letsGo(
      String blocks,
      long time,
      long bytes,
      double percent,
      long others,
      long fileSystem,
      String tooOld,
      String tooMuch) {
    Retention.Expired expired =
        new Retention(time, bytes, percent).expired(blocks(blocks), others, fileSystem);
    assertThat(ends(expired.byTime())).isEqualTo(tooOld);
    assertThat(ends(expired.bySize())).isEqualTo(tooMuch);
  }

  @Test
  void theNewestThatHoldsAllOfItsTimeStays() {
    List<Retention.Sized> blocks = new ArrayList<>(blocks("10:5 20:5"));
    Retention.Sized late = blocks("90:5").getFirst();
    BlockMeta.Compaction origin =
        new BlockMeta.Compaction(
            1, List.of(), false, List.of(), false, List.of(BlockMeta.OUT_OF_ORDER));
    blocks.add(new Retention.Sized(late.meta().with(origin), late.bytes()));
    Retention.Expired expired = new Retention(30, 1, 0).expired(blocks, 0, 0);
    assertThat(ends(expired.byTime())).isEqualTo("10");
    assertThat(ends(expired.bySize())).isEqualTo("90 10");
  }

  @Test
  void withoutBlocksThereIsNothingToLetGo() {
    assertThat(new Retention(1, 1, 1).expired(List.of(), 100, 100))
        .isEqualTo(new Retention.Expired(List.of(), List.of()));
  }

  @Test
  void wrongLimitsAreRefused() {
    assertThatThrownBy(() -> new Retention(-1, 0, 0)).hasMessage("negative retention -1ms");
    assertThatThrownBy(() -> new Retention(0, -1, 0)).hasMessage("negative retention -1 bytes");
    assertThatThrownBy(() -> new Retention(0, 0, 101)).hasMessage("retention of 101.0 percent");
    assertThatThrownBy(() -> new Retention(0, 0, Double.NaN)).hasMessageContaining("NaN");
  }
}
