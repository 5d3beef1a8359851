package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.tsdb.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Damage in the files of the head's chunks: the log has all of their samples. */
class BrokenHeadChunksTest extends FaultBed {

  private Path file(int number) {
    return path.resolve("chunks_head/00000" + number);
  }

  /** Three files, each of them with chunks of every series. */
  private void threeFiles() throws IOException {
    for (int i = 0; i < 3; i++) {
      Database database = open();
      fill(database, 18);
      database.close();
    }
    assertThat(names(path.resolve("chunks_head"))).containsExactly("000001", "000002", "000003");
  }

  private void assertNothingIsLost(Database database, String... words) throws IOException {
    assertThat(metric("mmap_chunk_corruptions")).isEqualTo(1);
    log.assertSays("WARN", "head chunks are repaired");
    log.assertSays(words);
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void aFlippedByteCutsTheFile() throws IOException {
    threeFiles();
    byte[] third = Files.readAllBytes(file(3));
    long size = Files.size(file(1));
    flip(file(1), size / 2);
    Database database = open();
    List<String> names = names(path.resolve("chunks_head"));
    assertThat(names)
        .contains("000001", "000001.set-aside", "000002.set-aside", "000003.set-aside");
    assertThat(Files.size(file(1)) + Files.size(path.resolve("chunks_head/000001.set-aside")))
        .isEqualTo(size);
    assertThat(Files.readAllBytes(path.resolve("chunks_head/000003.set-aside"))).isEqualTo(third);
    assertNothingIsLost(database, file(1).toString(), "checksum mismatch", "2 whole files");
  }

  @Test
  void aTornLastChunkIsCutOff() throws IOException {
    threeFiles();
    Disk.SYSTEM.truncate(file(3), Files.size(file(3)) - 7);
    Database database = open();
    assertThat(names(path.resolve("chunks_head")))
        .contains("000001", "000002", "000003", "000003.set-aside");
    assertNothingIsLost(database, file(3).toString(), "doesn't include enough bytes");
  }

  @Test
  void theFilesBehindAMissingOneAreSetAside() throws IOException {
    threeFiles();
    Files.delete(file(2));
    Database database = open();
    assertThat(names(path.resolve("chunks_head"))).contains("000001", "000003.set-aside");
    assertNothingIsLost(database, "head chunk files are missing", "between 1 and 3");
  }

  @Test
  void theFilesBehindAMissingFirstOneAreSetAside() throws IOException {
    threeFiles();
    Files.delete(file(1));
    Database database = open();
    assertThat(names(path.resolve("chunks_head"))).contains("000002.set-aside", "000003.set-aside");
    assertNothingIsLost(database, "head chunk files are missing", "before 2", "2 whole files");
  }

  @Test
  void theFirstFilesBehindABlockAreNotMissing() throws IOException {
    Database database = open();
    fill(database, 70);
    database.maintain();
    fill(database, 40);
    database.maintain();
    assertThat(database.blockMetas()).isNotEmpty();
    database.close();
    assertThat(names(path.resolve("chunks_head"))).isNotEmpty().doesNotContain("000001");
    Database again = open();
    assertThat(metric("mmap_chunk_corruptions")).isZero();
    assertRunsOnAndPrometheusAgrees(again);
  }

  @Test
  void aMissingLastFileIsMadeGoodFromTheLog() throws IOException {
    threeFiles();
    Files.delete(file(3));
    Database database = open();
    assertThat(metric("mmap_chunk_corruptions")).isZero();
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void allFilesMayBeMissing() throws IOException {
    threeFiles();
    Disk.SYSTEM.deleteTree(path.resolve("chunks_head"));
    assertRunsOnAndPrometheusAgrees(open());
  }

  @Test
  void anEmptyLastFileIsNothing() throws IOException {
    threeFiles();
    Files.createFile(file(4));
    Database database = open();
    assertThat(metric("mmap_chunk_corruptions")).isZero();
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void anEmptyFileBeforeOthersIsSetAsideWithThem() throws IOException {
    threeFiles();
    Disk.SYSTEM.truncate(file(2), 0);
    Database database = open();
    assertThat(names(path.resolve("chunks_head")))
        .contains("000001", "000002.set-aside", "000003.set-aside");
    assertNothingIsLost(database, file(2).toString(), "the header is missing");
  }

  @Test
  void aFileThatCannotBeReadIsKeptUnderAnotherName() throws IOException {
    threeFiles();
    byte[] second = Files.readAllBytes(file(2));
    disk.failReads(file -> file.equals(file(2)));
    Database database = open();
    disk.heal();
    assertThat(Files.readAllBytes(path.resolve("chunks_head/000002.set-aside"))).isEqualTo(second);
    assertNothingIsLost(database, file(2).toString(), "Input/output error");
  }

  @Test
  void onAFullDiskTheTailIsNotKept() throws IOException {
    threeFiles();
    flip(file(3), Files.size(file(3)) - 10);
    disk.room(5);
    Database database = open();
    log.assertSays("WARN", "what is cut off a head chunk file cannot be kept", "No space left");
    assertThat(names(path.resolve("chunks_head"))).containsExactly("000001", "000002", "000003");
    assertThat(samples(database)).isEqualTo(expected());
    disk.heal();
    assertNothingIsLost(database, "checksum mismatch");
  }
}
