package io.narthex.tsdb.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadedBlocksTest {

  private static final Ulid ONE = new Ulid(1, 1);
  private static final Ulid TWO = new Ulid(2, 2);

  @TempDir Path folder;
  private final FakeClock clock = new FakeClock(0);

  private static BlockMeta block(Ulid ulid, int level) {
    return new BlockMeta(
        ulid,
        0,
        10,
        BlockMeta.Stats.NONE,
        new BlockMeta.Compaction(level, List.of(ulid), false, List.of(), false, List.of()),
        Map.of());
  }

  private UploadedBlocks uploads() {
    return new UploadedBlocks(Disk.SYSTEM, clock, folder.resolve("thanos.shipper.json"));
  }

  private void write(String json) throws IOException {
    Files.writeString(folder.resolve("thanos.shipper.json"), json);
  }

  @Test
  void blocksOfTheHeadWaitForTheirUpload() throws IOException {
    write("{\"version\": 1, \"other\": {\"uploaded\": [1]}, \"uploaded\": [\"" + ONE + "\"]}");
    UploadedBlocks uploads = uploads();
    assertThat(uploads.holds(block(ONE, 1))).isFalse();
    assertThat(uploads.holds(block(TWO, 1))).isTrue();
    assertThat(uploads.holds(block(TWO, 2))).isFalse();
  }

  @Test
  void theFileIsReadAgainAfterAMinute() throws IOException {
    write("{\"uploaded\": null}");
    UploadedBlocks uploads = uploads();
    assertThat(uploads.holds(block(ONE, 1))).isTrue();
    write("{\"uploaded\": [\"" + ONE + "\"]}");
    clock.advance(Duration.ofSeconds(59));
    assertThat(uploads.holds(block(ONE, 1))).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(uploads.holds(block(ONE, 1))).isFalse();
  }

  @Test
  void nothingWaitsWhereTheFileCannotBeRead() throws IOException {
    UploadedBlocks uploads = uploads();
    assertThat(uploads.holds(block(ONE, 1))).isFalse();
    write("{\"uploaded\": [");
    assertThat(uploads.holds(block(ONE, 1))).isFalse();
    write("{\"uploaded\": []}");
    assertThat(uploads.holds(block(ONE, 1))).isTrue();
  }
}
