package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.BlockOptions;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.narthex.tsdb.block.BlockMeta;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damage in blocks: the broken one is set aside, the others go on. */
class BrokenBlockTest extends FaultBed {

  private static final String OTHER = "01BX5ZZKBKACTAV9WEVGEMMVRZ";

  /** What is done to a block that makes it one that cannot be opened. */
  enum Damage {
    INDEX_HEADER("invalid magic number") {
      @Override
      void apply(Path block) throws IOException {
        flip(block.resolve("index"), 1);
      }
    },
    INDEX_SYMBOLS("read symbols: invalid checksum") {
      @Override
      void apply(Path block) throws IOException {
        flip(block.resolve("index"), 20);
      }
    },
    INDEX_CONTENTS("read TOC: invalid checksum") {
      @Override
      void apply(Path block) throws IOException {
        flip(block.resolve("index"), Files.size(block.resolve("index")) - 10);
      }
    },
    INDEX_MISSING("no such file or directory") {
      @Override
      void apply(Path block) throws IOException {
        Files.delete(block.resolve("index"));
      }
    },
    CHUNKS_ARE_A_FILE("is not a directory") {
      @Override
      void apply(Path block) throws IOException {
        Disk.SYSTEM.deleteTree(block.resolve("chunks"));
        Files.createFile(block.resolve("chunks"));
      }
    },
    INDEX_IS_A_DIRECTORY("is a directory") {
      @Override
      void apply(Path block) throws IOException {
        Files.delete(block.resolve("index"));
        Files.createDirectory(block.resolve("index"));
      }
    },
    CHUNKS_HEADER("invalid magic number") {
      @Override
      void apply(Path block) throws IOException {
        flip(block.resolve("chunks/000001"), 0);
      }
    },
    CHUNKS_MISSING("000001 is missing") {
      @Override
      void apply(Path block) throws IOException {
        Files.delete(block.resolve("chunks/000001"));
      }
    },
    CHUNKS_CUT("ends too early") {
      @Override
      void apply(Path block) throws IOException {
        Disk.SYSTEM.truncate(block.resolve("chunks/000001"), 50);
      }
    },
    META_GARBAGE("meta.json") {
      @Override
      void apply(Path block) throws IOException {
        flip(block.resolve("meta.json"), 0);
      }
    },
    META_VERSION("unexpected meta file version 2") {
      @Override
      void apply(Path block) throws IOException {
        Path meta = block.resolve("meta.json");
        Files.writeString(meta, Files.readString(meta).replace("\"version\": 1", "\"version\": 2"));
      }
    },
    META_MISSING("no such file or directory") {
      @Override
      void apply(Path block) throws IOException {
        Files.delete(block.resolve("meta.json"));
      }
    },
    TOMBSTONES("checksum did not match") {
      @Override
      void apply(Path block) throws IOException {
        flip(block.resolve("tombstones"), Files.size(block.resolve("tombstones")) - 1);
      }
    };

    final String reason;

    Damage(String reason) {
      this.reason = reason;
    }

    abstract void apply(Path block) throws IOException;
  }

  @Override
  DatabaseOptions options() {
    return OPTIONS.withBlocks(BlockOptions.DEFAULT.withMaxMillis(RANGE));
  }

  private static BlockMeta meta(Database database, int number) {
    return BlockMeta.parse(database.blockMetas().get(number).getBytes(StandardCharsets.UTF_8));
  }

  /** Four blocks, of which the second is going to be damaged; its directory. */
  private Path second() {
    Database database = open();
    live(database, 6);
    assertThat(database.blockMetas()).hasSizeGreaterThanOrEqualTo(4);
    BlockMeta second = meta(database, 1);
    assertThat(second.minTime()).isEqualTo(T0 + RANGE);
    database.close();
    return path.resolve(second.ulid().toString());
  }

  private void forgetSecond() {
    forget(0, SERIES, T0 + RANGE, T0 + 2 * RANGE - 1);
  }

  /** Rounds of maintenance until the patience with a broken block is over. */
  private void wait(Database database) {
    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofMinutes(1));
      database.maintain();
    }
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void aBrokenBlockIsSetAside(Damage damage) throws IOException {
    Path block = second();
    damage.apply(block);
    Database database = open();
    forgetSecond();
    assertThat(samples(database)).isEqualTo(expected());
    assertThat(metric("reloads_failures")).isEqualTo(1);
    log.assertSays("ERROR", "a block is set aside", block.toString(), damage.reason);
    database.maintain();
    assertThat(metric("reloads_failures")).isEqualTo(2);
    assertThat(block).exists();
    assertThat(log.count("a block is set aside")).isEqualTo(1);
    wait(database);
    assertThat(block).doesNotExist();
    Path aside = path.resolve(block.getFileName() + ".set-aside");
    assertThat(aside).isDirectory();
    log.assertSays("ERROR", block.toString(), block.getFileName() + ".set-aside", damage.reason);
    double failures = metric("reloads_failures");
    database.maintain();
    assertThat(metric("reloads_failures")).isEqualTo(failures);
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void aBlockThatIsBeingCopiedIsGivenTime() throws IOException {
    Path block = second();
    Path aside = temporary.resolve("aside");
    Files.move(block, aside);
    Database database = open();
    Files.createDirectories(block.resolve("chunks"));
    byte[] index = Files.readAllBytes(aside.resolve("index"));
    Files.copy(aside.resolve("meta.json"), block.resolve("meta.json"));
    for (int i = 1; i <= 20; i++) {
      byte[] some = new byte[index.length * i / 21];
      System.arraycopy(index, 0, some, 0, some.length);
      Files.write(block.resolve("index"), some);
      clock.advance(Duration.ofMinutes(1));
      database.maintain();
      assertThat(block).exists();
    }
    Files.write(block.resolve("index"), index);
    for (int i = 0; i < 5; i++) {
      clock.advance(Duration.ofMinutes(1));
      database.maintain();
      assertThat(block).exists();
    }
    Files.copy(aside.resolve("chunks/000001"), block.resolve("chunks/000001"));
    Files.copy(aside.resolve("tombstones"), block.resolve("tombstones"));
    database.maintain();
    log.assertSays("INFO", "block " + block + " is whole now");
    assertThat(samples(database)).isEqualTo(expected());
    database.close();
    assertRunsOnAndPrometheusAgrees(open());
  }

  @Test
  void aBlockThatCannotBeReadStaysWhereItIs() throws IOException {
    Path block = second();
    disk.failReads(file -> file.startsWith(block) && !file.equals(block));
    Database database = open();
    log.assertSays("ERROR", "a block is set aside", block.toString(), "Input/output error");
    wait(database);
    wait(database);
    assertThat(block).exists();
    disk.heal();
    database.maintain();
    assertThat(samples(database)).isEqualTo(expected());
    database.close();
    assertRunsOnAndPrometheusAgrees(open());
  }

  @Test
  void aFlippedByteInAChunkCostsTheQueriesThatReadIt() throws IOException {
    Path block = second();
    flip(block.resolve("chunks/000001"), 60);
    Database database = open();
    assertThat(metric("reloads_failures")).isZero();
    assertThatThrownBy(() -> samples(database))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(block.resolve("chunks/000001").toString())
        .hasMessageContaining("checksum mismatch");
    long from = T0 + 2 * RANGE;
    fill(database, 20);
    database.maintain();
    forget(0, SERIES, T0, from - 1);
    assertThat(samples(database, from, Long.MAX_VALUE)).isEqualTo(expected());
    database.close();
    try (Prometheus prometheus = new Prometheus(path)) {
      assertThat(prometheus.awaitReady().samples(from, now)).isEqualTo(expected());
    }
  }

  @Test
  void aFlippedByteInTheEntryOfASeriesCostsTheQueriesOfThatSeries() throws IOException {
    Path block = second();
    String text =
        new String(Files.readAllBytes(block.resolve("index")), StandardCharsets.ISO_8859_1);
    // The symbols end with the highest value; the entries of series follow, aligned to 16 bytes.
    int symbols = 5 + 4 + Math.toIntExact(bigEndian(text, 5)) + 4;
    int firstSeries = (symbols + 15) / 16 * 16;
    flip(block.resolve("index"), firstSeries + 4);
    Database database = open();
    assertThat(metric("reloads_failures")).isZero();
    assertThatThrownBy(() -> samples(database))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(block.resolve("index").toString())
        .hasMessageContaining("invalid checksum");
    long from = T0 + 2 * RANGE;
    forget(0, SERIES, T0, from - 1);
    assertThat(samples(database, from, Long.MAX_VALUE)).isEqualTo(expected());
  }

  private static long bigEndian(String bytes, int at) {
    long value = 0;
    for (int i = 0; i < 4; i++) {
      value = value << 8 | bytes.charAt(at + i);
    }
    return value;
  }

  @Test
  void aCompactionThatMeetsABrokenChunkLeavesItsSourcesAndRunsOn() throws IOException {
    Path block = second();
    flip(block.resolve("chunks/000001"), 60);
    Database database = open(OPTIONS.withBlocks(BlockOptions.DEFAULT.withMaxMillis(3 * RANGE)));
    database.maintain();
    assertThat(metric("compactions_failed")).isEqualTo(1);
    log.assertSays("ERROR", "compact blocks", block.resolve("chunks/000001").toString());
    assertThat(Files.readString(block.resolve("meta.json"))).contains("\"failed\": true");
    database.maintain();
    assertThat(metric("compactions_failed")).isEqualTo(1);
    fill(database, 4);
    long from = T0 + 2 * RANGE;
    forget(0, SERIES, T0, from - 1);
    assertThat(samples(database, from, Long.MAX_VALUE)).isEqualTo(expected());
  }

  @Test
  void aBlockInADirectoryOfAnotherNameIsUsed() throws IOException {
    Path block = second();
    Files.move(block, path.resolve(OTHER));
    Database database = open();
    assertThat(metric("reloads_failures")).isZero();
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void ofTwoDirectoriesOfOneBlockTheOneOfItsNameIsUsed() throws IOException {
    Path block = second();
    copy(block, path.resolve(OTHER));
    Database database = open();
    assertThat(metric("reloads_failures")).isEqualTo(1);
    log.assertSays("ERROR", path.resolve(OTHER).toString(), "as that of " + block + " does");
    assertThat(samples(database)).isEqualTo(expected());
    wait(database);
    assertThat(path.resolve(OTHER + ".set-aside")).isDirectory();
    assertThat(path.resolve(OTHER)).doesNotExist();
    database.close();
    assertRunsOnAndPrometheusAgrees(open());
  }

  @Test
  void aFileOfABlocksNameIsNothing() throws IOException {
    second();
    Files.writeString(path.resolve(OTHER), "no directory");
    Database database = open();
    assertThat(metric("reloads_failures")).isZero();
    assertRunsOnAndPrometheusAgrees(database);
  }
}
