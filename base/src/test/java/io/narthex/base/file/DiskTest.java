package io.narthex.base.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskTest {

  @TempDir Path folder;
  private final Disk disk = Disk.SYSTEM;
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
  void writesOverwritesAndCuts() {
    Path file = folder.resolve("f");
    try (OutputFile out = disk.create(file)) {
      write(out, "hello world");
      out.writeAt(0, Utf8.bytes("J"), 0, 1);
      assertThat(out.position()).isEqualTo(11);
      out.truncate(5);
      write(out, "!");
      out.sync();
      assertThatThrownBy(() -> out.writeAt(6, new byte[1], 0, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(disk.readAll(file)).isEqualTo(Utf8.bytes("Jello!"));
    disk.truncate(file, 4);
    assertThat(disk.size(file)).isEqualTo(4);
  }

  @Test
  void creatingEmptiesWhatIsThere() {
    Path file = folder.resolve("f");
    try (OutputFile out = disk.create(file)) {
      write(out, "something long");
    }
    try (OutputFile out = disk.create(file)) {
      write(out, "x");
    }
    assertThat(disk.size(file)).isEqualTo(1);
  }

  @Test
  void readsToTheEnd() {
    Path file = folder.resolve("f");
    try (OutputFile out = disk.create(file)) {
      write(out, "0123456789");
    }
    byte[] into = new byte[8];
    try (InputFile in = disk.open(file)) {
      assertThat(in.read(into, 1, 6)).isEqualTo(6);
      assertThat(Utf8.text(into, 1, 6)).isEqualTo("012345");
      assertThat(in.read(into, 0, 8)).isEqualTo(4);
      assertThat(in.read(into, 0, 8)).isZero();
    }
  }

  @Test
  void mapsFieldsBigEndian() {
    Path file = folder.resolve("f");
    try (BufferedOutput out = new BufferedOutput(disk.create(file))) {
      out.u8(0xfe);
      out.beginChecksum();
      out.u32(0xdeadbeefL);
      out.i64(-2);
      out.uvarint(300);
      out.varint(-300);
      out.bytes(Utf8.bytes("text"), 0, 4);
      out.endChecksum();
      out.pad(8);
      out.patch32(1, 7);
      out.sync();
      assertThat(out.position()).isEqualTo(32);
    }
    try (MappedFile map = disk.map(file)) {
      assertThat(map.size()).isEqualTo(32);
      MappedCursor in = map.cursor(0);
      assertThat(in.u8()).isEqualTo(0xfe);
      assertThat(in.u32()).isEqualTo(7);
      assertThat(in.i64()).isEqualTo(-2);
      assertThat(in.uvarint()).isEqualTo(300);
      assertThat(in.varint()).isEqualTo(-300);
      byte[] text = new byte[4];
      in.bytes(text, 0, 4);
      assertThat(text).isEqualTo(Utf8.bytes("text"));
      assertThat(map.u16(0)).isEqualTo(0xfe00);
      assertThat(map.i32(0)).isEqualTo(0xfe000000);
      CRC32C crc = new CRC32C();
      crc.update(disk.readAll(file), 5, 16);
      assertThat(map.crc32c(5, 16)).isEqualTo(crc.getValue());
      assertThatThrownBy(() -> map.u32(30)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void checksumsSpanTheBuffer() {
    Path file = folder.resolve("f");
    byte[] much = new byte[200_000];
    Arrays.fill(much, (byte) 3);
    try (BufferedOutput out = new BufferedOutput(disk.create(file))) {
      out.u32(0);
      out.beginChecksum();
      out.bytes(much, 0, much.length);
      out.endChecksum();
      out.flush();
    }
    try (MappedFile map = disk.map(file)) {
      assertThat(map.u32(200_004)).isEqualTo(map.crc32c(4, 200_000));
    }
  }

  @Test
  void mapsAPartAndNotMoreThanThereIs() {
    Path file = folder.resolve("f");
    try (OutputFile out = disk.create(file)) {
      write(out, "0123456789");
    }
    try (MappedFile map = disk.map(file, 3, 4)) {
      assertThat(map.size()).isEqualTo(4);
      assertThat(map.u8(0)).isEqualTo('3');
    }
    assertThatThrownBy(() -> disk.map(file, 3, 8)).isInstanceOf(DiskException.class);
    try (OutputFile out = disk.create(file)) {
      out.sync();
    }
    try (MappedFile map = disk.map(file)) {
      assertThat(map.size()).isZero();
    }
  }

  @Test
  void aSmallFileIsReadAndTakesNoMapping() throws Exception {
    Path small = folder.resolve("small");
    Path large = folder.resolve("large");
    byte[] content = new byte[MappedFile.SMALL + 1];
    content[MappedFile.SMALL - 1] = 7;
    Files.write(small, Arrays.copyOf(content, MappedFile.SMALL));
    Files.write(large, content);
    try (MappedFile read = disk.map(small);
        MappedFile map = disk.map(large)) {
      assertThat(read.size()).isEqualTo(MappedFile.SMALL);
      assertThat(read.u8(MappedFile.SMALL - 1)).isEqualTo(7);
      assertThat(map.u8(MappedFile.SMALL - 1)).isEqualTo(7);
      String mappings = Files.readString(Path.of("/proc/self/maps"));
      assertThat(mappings).contains(large.toString()).doesNotContain(small.toString());
    }
  }

  @Test
  void aClosedMappingIsAnExceptionNotACrash() {
    Path file = folder.resolve("f");
    try (OutputFile out = disk.create(file)) {
      write(out, "0123456789");
    }
    MappedFile map = disk.map(file);
    assertThat(MappedFile.openCount()).isEqualTo(mapped + 1);
    map.close();
    map.close();
    assertThatThrownBy(() -> map.u8(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anInterruptDoesNotCloseFiles() {
    Path file = folder.resolve("f");
    try (OutputFile out = disk.create(file)) {
      Thread.currentThread().interrupt();
      write(out, "still");
      out.sync();
      disk.syncDirectory(folder);
      try (MappedFile map = disk.map(file)) {
        assertThat(map.size()).isEqualTo(5);
      }
    } finally {
      assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
    }
  }

  @Test
  void errorsNameTheFileAndTheReason() {
    Path missing = folder.resolve("no/such");
    assertThatThrownBy(() -> disk.open(missing))
        .hasMessage("open " + missing + ": No such file or directory");
    assertThatThrownBy(() -> disk.create(missing))
        .hasMessage("create " + missing + ": No such file or directory");
    assertThatThrownBy(() -> disk.map(missing))
        .hasMessage("map " + missing + ": no such file or directory");
    assertThatThrownBy(() -> disk.readAll(folder)).hasMessageContaining("Is a directory");
  }

  @Test
  void listsLinksRenamesAndDeletesTrees() throws Exception {
    Path tree = folder.resolve("tree/inner");
    disk.createDirectories(tree);
    Files.writeString(tree.resolve("b"), "b");
    Files.writeString(tree.resolve("a"), "a");
    assertThat(disk.list(tree)).containsExactly(tree.resolve("a"), tree.resolve("b"));
    assertThat(disk.list(folder.resolve("missing"))).isEmpty();
    disk.link(tree.resolve("a"), tree.resolve("c"));
    disk.rename(tree.resolve("b"), tree.resolve("a"));
    assertThat(Files.readString(tree.resolve("a"))).isEqualTo("b");
    assertThat(Files.readString(tree.resolve("c"))).isEqualTo("a");
    disk.deleteTree(folder.resolve("tree"));
    disk.deleteTree(folder.resolve("tree"));
    assertThat(disk.exists(folder.resolve("tree"))).isFalse();
  }

  private static void write(OutputFile out, String text) {
    byte[] bytes = Utf8.bytes(text);
    out.write(bytes, 0, bytes.length);
  }
}
