package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.storage.StorageException;
import io.narthex.tsdb.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What killed processes leave behind, and directories that cannot be used. */
class LeftoversTest extends FaultBed {

  private static final String ULID = "01BX5ZZKBKACTAV9WEVGEMMVR";

  private Path someBlock() throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries
          .filter(entry -> Files.exists(entry.resolve("meta.json")))
          .sorted()
          .toList()
          .getFirst();
    }
  }

  private List<Path> leftovers() throws IOException {
    Database database = open();
    live(database, 4);
    database.close();
    Path block = someBlock();
    List<Path> left =
        List.of(
            path.resolve(ULID + "X.tmp-for-creation"),
            path.resolve(ULID + "Y.tmp-for-deletion"),
            path.resolve(ULID + "Z.tmp"),
            path.resolve("wal/checkpoint.00000099.tmp"));
    for (Path path : left) {
      copy(block, path);
    }
    return left;
  }

  @Test
  void temporaryDirectoriesAreRemovedAtTheStart() throws IOException {
    List<Path> left = leftovers();
    Path own = path.resolve("backup.tmp");
    Files.createDirectories(own);
    Database database = open();
    assertThat(left).allSatisfy(path -> assertThat(path).doesNotExist());
    log.assertSays("INFO", "removed what an interrupted run left behind", ULID + "X");
    assertThat(own).as("what is not ours").exists();
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void thoseThatCannotBeRemovedAreNoReasonNotToStart() throws IOException {
    List<Path> left = leftovers();
    disk.failDeletes(file -> left.stream().anyMatch(file::startsWith));
    Database first = open();
    assertThat(samples(first)).isEqualTo(expected());
    assertThat(log.count("what an interrupted run left behind cannot be removed")).isEqualTo(4);
    log.assertSays("ERROR", "cannot be removed", left.getFirst().toString(), "not permitted");
    first.close();
    disk.heal();
    Database database = open();
    assertThat(left).allSatisfy(path -> assertThat(path).doesNotExist());
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void aDirectoryThatCannotBeReadIsAClearLine() throws IOException {
    Database database = open();
    live(database, 3);
    database.close();
    for (String name : new String[] {"", "wal", "chunks_head"}) {
      Path unreadable = name.isEmpty() ? path : path.resolve(name);
      disk.failReads(file -> file.equals(unreadable));
      assertThatThrownBy(this::open)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(unreadable.toString())
          .hasMessageContaining("Input/output error")
          .hasMessageNotContaining("\n");
      disk.heal();
    }
    assertRunsOnAndPrometheusAgrees(open());
  }

  @Test
  void aDirectoryThatIsAFileIsAClearLine() throws IOException {
    Files.writeString(path, "a file");
    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining("file exists");
    assertThat(path).hasContent("a file");
  }

  @Test
  void aLockThatCannotBeMadeIsAClearLine() throws IOException {
    Files.createDirectories(path.resolve("lock"));
    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.class)
        .hasMessage("cannot open the lock file " + path.resolve("lock") + ": Is a directory");
    Files.delete(path.resolve("lock"));
    Database database = open();
    fill(database, 2);
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void aNetworkDiskIsWarnedOf() {
    disk.sayFileSystem("nfs4");
    open().close();
    log.assertSays("WARN", "This filesystem is not supported", "fs_type=\"nfs4\"");
  }

  @Test
  void otherDisksAreNot() {
    disk.sayFileSystem("ext4");
    open().close();
    assertThat(log.count("This filesystem is not supported")).isZero();
  }
}
