package io.narthex.tsdb.headchunks;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.testkit.PowerDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prometheus does not start where a file is missing between two others. */
class LostFilesTest {

  @TempDir Path folder;

  @Test
  void filesDisappearFromTheOldestOn() throws IOException {
    for (int seed = 0; seed < 40; seed++) {
      Path root = Files.createDirectory(folder.resolve("root" + seed));
      PowerDisk disk = new PowerDisk(root);
      HeadChunks chunks =
          HeadChunks.open(
              disk,
              root.resolve("chunks_head"),
              (ref, series, minTime, maxTime, encoding, outOfOrder, samples) -> {});
      byte[] data = new byte[20];
      for (int i = 0; i < 8; i++) {
        chunks.append(1, i * 10L, i * 10L + 9, 1, false, data, 0, data.length);
        chunks.cut();
      }
      chunks.truncate(60);
      chunks.close();
      disk.cut();
      Path left = folder.resolve("left" + seed);
      disk.restore(left, PowerDisk.Survival.ANY, new Random(seed));
      List<Integer> numbers =
          Disk.SYSTEM.list(left.resolve("chunks_head")).stream()
              .map(file -> Integer.parseInt(file.getFileName().toString()))
              .toList();
      assertThat(numbers)
          .as("seed %d", seed)
          .isEqualTo(IntStream.rangeClosed(numbers.getFirst(), 8).boxed().toList());
    }
  }
}
