package io.narthex.tsdb.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.testkit.PowerDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a power cut may leave of a log. */
class LostPagesTest {

  private static final int PAGE = 32 * 1024;

  @TempDir Path folder;

  private static byte[] record(char of) {
    byte[] record = new byte[40_000];
    Arrays.fill(record, (byte) of);
    return record;
  }

  @Test
  void theBeginningOfOneRecordAndTheEndOfAnotherAreNoRecord() throws IOException {
    try (Wal wal = Wal.open(Disk.SYSTEM, Clock.SYSTEM, folder, WalCompression.NONE)) {
      for (char of : new char[] {'a', 'b', 'c'}) {
        wal.append(record(of), 0, record(of).length);
      }
    }
    Path segment = folder.resolve("00000000");
    byte[] bytes = Files.readAllBytes(segment);
    Arrays.fill(bytes, PAGE, 2 * PAGE, (byte) 0); // the end of the first, the beginning of the next
    Files.write(segment, bytes);

    List<WalDirectory.Segment> segments = new WalDirectory(Disk.SYSTEM, folder).segments();
    List<byte[]> found = new ArrayList<>();
    int broken = 0;
    try (WalReader reader = new WalReader(Disk.SYSTEM, segments)) {
      while (true) {
        while (reader.next()) {
          found.add(
              Arrays.copyOfRange(reader.bytes(), reader.from(), reader.from() + reader.length()));
        }
        if (reader.corruption() == null) {
          break;
        }
        broken++;
        reader.resume();
      }
    }
    assertThat(found).containsExactly(record('c'));
    assertThat(broken).isPositive();
  }

  @Test
  void segmentsDisappearFromTheOldestOn() throws IOException {
    for (int seed = 0; seed < 40; seed++) {
      Path root = Files.createDirectory(folder.resolve("root" + seed));
      PowerDisk disk = new PowerDisk(root);
      Path directory = root.resolve("wal");
      try (Wal wal = Wal.open(disk, Clock.SYSTEM, directory, WalCompression.NONE)) {
        for (int i = 0; i < 8; i++) {
          wal.cut();
        }
        wal.truncate(6);
      }
      disk.cut();
      Path left = folder.resolve("left" + seed);
      disk.restore(left, PowerDisk.Survival.ANY, new Random(seed));
      assertThat(new WalDirectory(Disk.SYSTEM, left.resolve("wal")).segments())
          .as("seed %d: segments without gaps", seed)
          .isNotEmpty();
    }
  }
}
