package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.narthex.tsdb.Database;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real file system that fills up, of a few megabytes, which a process of its own mounts where
 * nobody else sees it. Where that is not allowed the tests are skipped, and say why.
 */
class SmallFileSystemTest {

  @TempDir Path folder;

  private record Ended(int code, String said) {}

  private static Ended run(List<String> command) throws IOException, InterruptedException {
    Path out = Files.createTempFile("small", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      int code = process.waitFor();
      return new Ended(code, Files.readString(out, StandardCharsets.UTF_8));
    } catch (IOException e) {
      return new Ended(-1, String.valueOf(e.getMessage()));
    } finally {
      Files.deleteIfExists(out);
    }
  }

  private static void require(String... command) throws IOException, InterruptedException {
    Ended ended = run(List.of(command));
    assumeTrue(
        ended.code == 0,
        () -> "a file system cannot be mounted here: " + List.of(command) + ": " + ended.said);
  }

  @Test
  void onATmpfs() throws Exception {
    Path mount = Files.createDirectories(folder.resolve("mount"));
    require("unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount.toString());
    live(
        List.of("unshare", "-rm"),
        mount,
        List.of("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount.toString()));
  }

  @Test
  void onAnExt4() throws Exception {
    Path mount = Files.createDirectories(folder.resolve("mount"));
    Path image = folder.resolve("image");
    try (FileOutputStream out = new FileOutputStream(image.toFile())) {
      out.getChannel().write(ByteBuffer.wrap(new byte[1]), (16 << 20) - 1);
    }
    require("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
    require("unshare", "-m", "mount", "-o", "loop", image.toString(), mount.toString());
    live(
        List.of("unshare", "-m"),
        mount,
        List.of("mount", "-o", "loop", image.toString(), mount.toString()));
  }

  private void live(List<String> apart, Path mount, List<String> mounting) throws Exception {
    Path copy = folder.resolve("copy");
    List<String> command = new ArrayList<>(apart);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-ea",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            Life.class.getName(),
            mount.toString(),
            copy.toString()));
    command.addAll(mounting);
    Ended ended = run(command);
    assertThat(ended.code).as(ended.said).isZero();
    assertThat(ended.said).contains("lived through it");
    // What has survived opens in both programs.
    Life after = new Life();
    after.path = copy;
    Database database = after.open();
    Map<?, ?> ours = FaultBed.samples(database);
    assertThat(after.metric("wal_corruptions")).isZero();
    database.close();
    after.log.close();
    assertThat(ours).hasSize(Life.MANY);
    try (Prometheus prometheus = new Prometheus(copy)) {
      assertThat(prometheus.awaitReady().samples(FaultBed.T0, FaultBed.T0 + 100 * FaultBed.RANGE))
          .isEqualTo(ours);
    }
  }

  /** What the process of its own does. */
  static final class Life extends FaultBed {

    static final int MANY = 300;

    public static void main(String[] arguments) throws Exception {
      Path mount = Path.of(arguments[0]);
      Ended mounted = run(List.of(arguments).subList(2, arguments.length));
      if (mounted.code != 0) {
        throw new IOException("cannot mount: " + mounted.said);
      }
      Life life = new Life();
      life.path = mount.resolve("data");
      try {
        life.live(mount.resolve("ballast").toFile());
        copy(life.path, Path.of(arguments[1]));
      } finally {
        life.closeAll();
        run(List.of("umount", mount.toString()));
      }
      System.out.println("lived through it");
    }

    private void live(File ballast) throws IOException {
      Database database = open();
      int refused = 0;
      int kilobytes = 0;
      // Ever more room is left, so that ever other work is the one that finds none.
      for (int round = 0; round < 24; round++) {
        fill(ballast, kilobytes);
        for (int i = 0; i < 15; i++) {
          refused += commit(database, now, 0, MANY) ? 0 : 1;
          now += STEP;
          if (i % 5 == 4) {
            database.maintain();
            assertThat(samples(database)).as("round %d", round).isEqualTo(expected());
          }
        }
        assertThat(metric("wal_writes_failed")).isEqualTo(refused);
        assertThat(ballast.delete()).isTrue();
        // In the same process, by itself, at once.
        for (int i = 0; i < 15; i++) {
          assertThat(commit(database, now, 0, MANY)).as("round %d", round).isTrue();
          now += STEP;
        }
        if (round % 3 == 2) {
          database.maintain();
        }
        assertThat(samples(database)).as("round %d", round).isEqualTo(expected());
        kilobytes += 4 + kilobytes / 4;
      }
      System.out.printf(
          "%d commits refused, %.0f compactions failed, %.0f checkpoints failed, %.0f steps failed,"
              + " %d blocks%n",
          refused,
          metric("compactions_failed"),
          metric("checkpoint_creations_failed"),
          metric("narthex_tsdb_maintenance_failures"),
          database.blockMetas().size());
      assertThat(refused).isPositive();
      assertThat(metric("compactions_failed")).isPositive();
      log.assertSays("ERROR", "store chunks", "No space left on device");
      log.assertSays("ERROR", "compact the head", "No space left on device");
      database.maintain();
      double failed = metric("narthex_tsdb_maintenance_failures");
      fill(database, 5);
      database.maintain();
      assertThat(metric("narthex_tsdb_maintenance_failures")).isEqualTo(failed);
      database.close();
      Database again = open();
      assertThat(metric("wal_corruptions")).isZero();
      assertThat(metric("mmap_chunk_corruptions")).isZero();
      assertThat(samples(again)).isEqualTo(expected());
      again.close();
    }

    /** Fills the file system up to some kilobytes. */
    private static void fill(File ballast, int kilobytes) throws IOException {
      byte[] block = new byte[4096];
      try (FileOutputStream out = new FileOutputStream(ballast)) {
        File folder = ballast.getParentFile();
        while (kilobytes == 0 || folder.getUsableSpace() > kilobytes * 1024L) {
          out.write(block);
        }
      } catch (IOException e) {
        if (kilobytes != 0 || !String.valueOf(e.getMessage()).contains("No space left")) {
          throw e;
        }
      }
    }
  }
}
