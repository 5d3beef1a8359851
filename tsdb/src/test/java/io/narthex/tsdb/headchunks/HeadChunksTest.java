package io.narthex.tsdb.headchunks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.base.file.MappedFile;
import io.narthex.base.file.SetAside;
import io.narthex.testkit.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadChunksTest {

  private static final int SMALL = 4096;

  /** A chunk as it was written, with its reference. */
  private record Written(long ref, long series, long minTime, long maxTime, byte[] data) {
    String line() {
      return series + " " + minTime + " " + maxTime + " " + Arrays.hashCode(data);
    }
  }

  @TempDir Path folder;
  private final Random random = new Random(3);
  private final List<String> visited = new ArrayList<>();
  private int mapped;

  @BeforeEach
  void countMappings() {
    mapped = MappedFile.openCount();
  }

  @AfterEach
  void nothingStaysMapped() {
    assertThat(MappedFile.openCount()).as("mapped: %s", MappedFile.openFiles()).isEqualTo(mapped);
  }

  @Test
  void chunksAreReadAsSoonAsTheyAreFlushed() {
    try (HeadChunks chunks = open(Disk.SYSTEM);
        HeadChunks.View view = chunks.view()) {
      List<Written> all = new ArrayList<>();
      for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 5; i++) {
          all.add(write(chunks, round * 1000L + i));
        }
        chunks.flush();
        check(view, all);
      }
      assertThat(all.getLast().ref >>> 32).as("files were begun").isGreaterThan(2);
      assertThat(chunks.size()).isEqualTo(bytesOnDisk());
    }
  }

  @Test
  void whatWasWrittenIsThereAfterReopening() {
    List<Written> all = new ArrayList<>();
    try (HeadChunks chunks = open(Disk.SYSTEM)) {
      for (int i = 0; i < 100; i++) {
        all.add(write(chunks, i));
      }
    }
    visited.clear();
    try (HeadChunks chunks = open(Disk.SYSTEM);
        HeadChunks.View view = chunks.view()) {
      assertThat(chunks.repair()).isNull();
      assertThat(visited)
          .containsExactlyElementsOf(
              all.stream()
                  .map(w ->
                      w.ref
                          + " "
                          + w.series
                          + " "
                          + w.minTime
                          + " "
                          + w.maxTime
                          + " 1 false "
                          + (w.data[1] & 0xff))
                  .toList());
      check(view, all);
      // Nothing is appended to a file of before.
      long last = all.getLast().ref >>> 32;
      assertThat(write(chunks, 7).ref >>> 32).isEqualTo(last + 1);
    }
  }

  @Test
  void theMarkOfOutOfOrderChunksIsNotPartOfTheEncoding() {
    byte[] data = {0, 1, 2};
    try (HeadChunks chunks = open(Disk.SYSTEM);
        HeadChunks.View view = chunks.view()) {
      long ref = chunks.append(9, 1, 2, 4, true, data, 0, 3);
      chunks.flush();
      ChunkBytes bytes = new ChunkBytes();
      view.read(ref, bytes, new CRC32C());
      assertThat(bytes.outOfOrder()).isTrue();
      assertThat(bytes.encoding()).isEqualTo(4);
    }
    visited.clear();
    open(Disk.SYSTEM).close();
    assertThat(visited).containsExactly((1L << 32 | 8) + " 9 1 2 4 true 1");
  }

  @Test
  void aReferenceToNothingIsAnError() {
    try (HeadChunks chunks = open(Disk.SYSTEM);
        HeadChunks.View view = chunks.view()) {
      Written written = write(chunks, 1);
      ChunkBytes bytes = new ChunkBytes();
      CRC32C crc = new CRC32C();
      assertThatThrownBy(() -> view.read(written.ref, bytes, crc))
          .as("not flushed yet")
          .isInstanceOf(HeadChunkException.class);
      chunks.flush();
      view.read(written.ref, bytes, crc);
      for (long ref : new long[] {0, 5L << 32 | 8, written.ref + 1, written.ref + 500, -1}) {
        assertThatThrownBy(() -> view.read(ref, bytes, crc)).isInstanceOf(HeadChunkException.class);
      }
    }
  }

  @Test
  void filesOfOldChunksGoAndStayReadableForWhoBegan() {
    try (HeadChunks chunks = open(Disk.SYSTEM)) {
      List<Written> old = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        old.add(write(chunks, i));
      }
      chunks.cut();
      Written young = write(chunks, 1_000_000);
      chunks.flush();
      HeadChunks.View view = chunks.view();
      int files = chunks.truncate(1_000_000);
      assertThat(files).isPositive();
      assertThat(bytesOnDisk()).isEqualTo(chunks.size()).isLessThan(500);
      check(view, old);
      chunks.reclaim();
      check(view, old);
      view.close();
      chunks.reclaim();
      try (HeadChunks.View later = chunks.view()) {
        check(later, List.of(young));
        ChunkBytes bytes = new ChunkBytes();
        assertThatThrownBy(() -> later.read(old.getFirst().ref, bytes, new CRC32C()))
            .hasMessageContaining("no head chunk file of number 1");
        // What was being written has been ended, so that it can go too.
        assertThat(chunks.truncate(2_000_000)).isEqualTo(1);
        check(later, List.of(young));
        assertThat(write(chunks, 5).ref >>> 32).isGreaterThan(young.ref >>> 32);
      }
    }
  }

  @Test
  void aBrokenChunkCutsTheFileAndWhatFollows() throws IOException {
    List<Written> all = new ArrayList<>();
    try (HeadChunks chunks = open(Disk.SYSTEM)) {
      for (int i = 0; i < 100; i++) {
        all.add(write(chunks, i));
      }
    }
    Written victim = all.get(50);
    Path file = folder.resolve(String.format("%06d", victim.ref >>> 32));
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) victim.ref + 30] ^= 4;
    Files.write(file, bytes);
    long before = bytesOnDisk();
    visited.clear();
    try (HeadChunks chunks = open(Disk.SYSTEM);
        HeadChunks.View view = chunks.view()) {
      assertThat(visited).hasSize(50);
      HeadChunks.Repair repair = Objects.requireNonNull(chunks.repair());
      assertThat(repair.message())
          .contains(file.toString())
          .contains("at " + (victim.ref & 0xffffffffL))
          .contains("checksum mismatch");
      assertThat(repair.bytes()).isEqualTo(before - bytesOnDisk());
      check(view, all.subList(0, 50));
    }
    visited.clear();
    try (HeadChunks chunks = open(Disk.SYSTEM)) {
      assertThat(chunks.repair()).isNull();
      assertThat(visited).hasSize(50);
    }
  }

  @Test
  void aFileCutAnywhereGivesWhatIsBeforeTheCut() throws IOException {
    List<Written> all = new ArrayList<>();
    try (HeadChunks chunks = open(Disk.SYSTEM)) {
      for (int i = 0; i < 12; i++) {
        all.add(write(chunks, i));
      }
      assertThat(all.getLast().ref >>> 32).isEqualTo(1);
    }
    Path file = folder.resolve("000001");
    byte[] whole = Files.readAllBytes(file);
    for (int cut = 0; cut < whole.length; cut += 1 + random.nextInt(20)) {
      Files.write(file, Arrays.copyOf(whole, cut));
      visited.clear();
      int length = cut;
      List<Long> starts = new ArrayList<>(all.stream().map(w -> w.ref & 0xffffffffL).toList());
      starts.add((long) whole.length);
      int sound = Math.max(0, (int) starts.stream().filter(s -> s <= length).count() - 1);
      try (HeadChunks chunks = open(Disk.SYSTEM);
          HeadChunks.View view = chunks.view()) {
        assertThat(visited).as("cut at %s", cut).hasSize(sound);
        check(view, all.subList(0, sound));
        // A few zeros, of the first field, are taken for the end.
        boolean clean = cut < 8 || zeros(whole, starts.get(sound).intValue(), cut);
        assertThat(chunks.repair() == null).as("cut at %s", cut).isEqualTo(clean);
      }
    }
  }

  @Test
  void zerosBehindTheLastChunkAreNotCorruption() throws IOException {
    List<Written> all = new ArrayList<>();
    try (HeadChunks chunks = open(Disk.SYSTEM)) {
      all.add(write(chunks, 1));
    }
    Path file = folder.resolve("000001");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100_000));
    Files.write(folder.resolve("000002"), new byte[1000]);
    visited.clear();
    try (HeadChunks chunks = open(Disk.SYSTEM);
        HeadChunks.View view = chunks.view()) {
      assertThat(chunks.repair()).isNull();
      assertThat(visited).hasSize(1);
      check(view, all);
    }
  }

  @Test
  void anotherFormatIsSaid() throws IOException {
    Files.write(folder.resolve("000001"), "something that is no chunk file".getBytes("UTF-8"));
    try (HeadChunks chunks = open(Disk.SYSTEM)) {
      HeadChunks.Repair repair = Objects.requireNonNull(chunks.repair());
      assertThat(repair.message()).contains("invalid magic number 736f6d65");
      assertThat(repair.files()).isEqualTo(1);
    }
  }

  @Test
  void aFullDiskLosesTheUnflushedChunksOnly() {
    FaultyDisk disk = new FaultyDisk();
    List<Written> all = new ArrayList<>();
    try (HeadChunks chunks = open(disk);
        HeadChunks.View view = chunks.view()) {
      all.add(write(chunks, 1));
      chunks.flush();
      write(chunks, 2);
      disk.room(10);
      assertThatThrownBy(chunks::flush)
          .isInstanceOf(HeadChunkException.class)
          .hasMessageContaining("No space left on device");
      check(view, all);
      disk.room(Long.MAX_VALUE);
      all.add(write(chunks, 3));
      chunks.flush();
      check(view, all);
      // A file that cannot be begun leaves nothing behind.
      chunks.cut();
      disk.room(3);
      assertThatThrownBy(() -> write(chunks, 4)).isInstanceOf(HeadChunkException.class);
      disk.room(Long.MAX_VALUE);
      all.add(write(chunks, 5));
      chunks.flush();
      check(view, all);
    }
    assertThat(disk.openOutputs()).isZero();
    visited.clear();
    try (HeadChunks chunks = open(Disk.SYSTEM)) {
      assertThat(chunks.repair()).isNull();
      assertThat(visited).hasSize(3);
    }
  }

  private static boolean zeros(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private HeadChunks open(Disk disk) {
    return HeadChunks.open(
        disk,
        folder,
        SMALL,
        (ref, series, minTime, maxTime, encoding, outOfOrder, samples) ->
            visited.add(
                ref
                    + " "
                    + series
                    + " "
                    + minTime
                    + " "
                    + maxTime
                    + " "
                    + encoding
                    + " "
                    + outOfOrder
                    + " "
                    + samples));
  }

  private Written write(HeadChunks chunks, long time) {
    byte[] data = new byte[20 + random.nextInt(300)];
    random.nextBytes(data);
    data[0] = 0;
    long series = 1 + random.nextInt(1000);
    long ref = chunks.append(series, time, time + 9, 1, false, data, 0, data.length);
    return new Written(ref, series, time, time + 9, data);
  }

  private static void check(HeadChunks.View view, List<Written> all) {
    ChunkBytes bytes = new ChunkBytes();
    CRC32C crc = new CRC32C();
    for (Written written : all) {
      view.read(written.ref, bytes, crc);
      byte[] read = Arrays.copyOfRange(bytes.bytes(), bytes.from(), bytes.from() + bytes.length());
      assertThat(read).as(written.line()).isEqualTo(written.data);
      assertThat(bytes.encoding()).isEqualTo(1);
      assertThat(bytes.outOfOrder()).isFalse();
    }
  }

  private long bytesOnDisk() {
    return Disk.SYSTEM.list(folder).stream()
        .filter(file -> !file.toString().endsWith(SetAside.ENDING))
        .mapToLong(Disk.SYSTEM::size)
        .sum();
  }
}
