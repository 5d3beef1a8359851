package io.narthex.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.DiskException;
import io.narthex.base.file.OutputFile;
import io.narthex.testkit.PowerDisk.Survival;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowerDiskTest {

  private static final int PAGE = 4096;

  @TempDir Path folder;
  private Path root = Path.of("");
  private Path file = Path.of("");
  private int restored;

  @BeforeEach
  void makeRoot() throws IOException {
    root = Files.createDirectory(folder.resolve("root"));
    file = root.resolve("f");
    Files.writeString(file, "old");
  }

  private static void write(OutputFile out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write(bytes, 0, bytes.length);
  }

  private Path after(PowerDisk disk, Survival survival, long seed) {
    disk.cut();
    Path into = folder.resolve("restored" + restored++);
    disk.restore(into, survival, new Random(seed));
    return into;
  }

  @Test
  void bytesAreThereOnceTheirFileIsSynced() throws IOException {
    PowerDisk disk = new PowerDisk(root);
    try (OutputFile out = disk.create(file)) {
      write(out, "synced");
      out.sync();
      assertThat(disk.isDurable(file)).isTrue();
      write(out, ", not synced");
      assertThat(disk.isDurable(file)).isFalse();
    }
    assertThat(file).hasContent("synced, not synced");
    assertThat(after(disk, Survival.NOTHING, 1).resolve("f")).hasContent("synced");
  }

  @Test
  void everythingSurvivesTheDeathOfTheProcessAlone() throws IOException {
    PowerDisk disk = new PowerDisk(root);
    try (OutputFile out = disk.create(root.resolve("new"))) {
      write(out, "not synced");
    }
    disk.rename(root.resolve("new"), file);
    assertThat(after(disk, Survival.EVERYTHING, 1).resolve("f")).hasContent("not synced");
  }

  @Test
  void anOverwrittenFileMayBeOldNewOrEmpty() throws IOException {
    TreeSet<String> seen = new TreeSet<>();
    for (int seed = 0; seed < 60; seed++) {
      Files.writeString(file, "old");
      PowerDisk disk = new PowerDisk(root);
      try (OutputFile out = disk.create(file)) {
        write(out, "new");
      }
      seen.add(Files.readString(after(disk, Survival.ANY, seed).resolve("f")));
    }
    assertThat(seen).contains("", "new", "old");
  }

  @Test
  void namesAreThereOnceTheirDirectoryIsSynced() {
    PowerDisk disk = new PowerDisk(root);
    Path made = root.resolve("made");
    try (OutputFile out = disk.create(made)) {
      write(out, "x");
      out.sync();
    }
    assertThat(disk.isDurable(made)).as("its name is not").isFalse();
    disk.syncDirectory(root);
    assertThat(disk.isDurable(made)).isTrue();
    disk.rename(made, file);
    assertThat(disk.isDurable(file)).isFalse();
    Path left = after(disk, Survival.NOTHING, 1);
    assertThat(left.resolve("f")).hasContent("old");
    assertThat(left.resolve("made")).hasContent("x");
  }

  @Test
  void aRemovedNameMayComeBack() {
    PowerDisk disk = new PowerDisk(root);
    disk.delete(file);
    assertThat(disk.exists(file)).isFalse();
    assertThat(after(disk, Survival.NOTHING, 1).resolve("f")).hasContent("old");
  }

  @Test
  void aDirectoryIsRenamedAsAWhole() {
    PowerDisk disk = new PowerDisk(root);
    Path inner = root.resolve("a.tmp");
    disk.createDirectories(inner);
    try (OutputFile out = disk.create(inner.resolve("x"))) {
      write(out, "1");
      out.sync();
    }
    disk.syncDirectory(inner);
    disk.rename(inner, root.resolve("a"));
    disk.syncDirectory(root);
    disk.delete(root.resolve("a").resolve("x"));
    Path left = after(disk, Survival.NOTHING, 1);
    assertThat(left.resolve("a").resolve("x")).hasContent("1");
    assertThat(left.resolve("a.tmp")).doesNotExist();
  }

  @Test
  void pagesSurviveOneByOne() throws IOException {
    boolean hole = false;
    boolean part = false;
    for (int seed = 0; seed < 200; seed++) {
      PowerDisk disk = new PowerDisk(root);
      Path made = root.resolve("made");
      try (OutputFile out = disk.create(made)) {
        disk.syncDirectory(root);
        write(out, "a".repeat(PAGE));
        write(out, "b".repeat(PAGE / 2));
        write(out, "c".repeat(PAGE / 2));
      }
      String left = Files.readString(after(disk, Survival.ANY, seed).resolve("made"));
      disk = null;
      hole |= left.startsWith("\0") && left.contains("b");
      part |= left.contains("b") && !left.contains("c");
      assertThat(left.length()).isLessThanOrEqualTo(2 * PAGE);
      Files.delete(made);
    }
    assertThat(hole).as("a page whose predecessor is lost").isTrue();
    assertThat(part).as("a page as it was before the last write to it").isTrue();
  }

  @Test
  void behindTheCutNothingChanges() {
    PowerDisk disk = new PowerDisk(root);
    disk.cutAfter(1);
    Path made = root.resolve("made");
    try (OutputFile out = disk.create(made)) {
      assertThatThrownBy(() -> write(out, "x")).isInstanceOf(DiskException.class);
      assertThat(disk.isOff()).isTrue();
      assertThatThrownBy(out::sync).isInstanceOf(DiskException.class);
    }
    assertThatThrownBy(() -> disk.delete(file)).isInstanceOf(DiskException.class);
    assertThat(after(disk, Survival.NOTHING, 1).resolve("made")).doesNotExist();
  }

  @Test
  void othersWaitWithTheirSyncsUntilTheyAreLet() throws Exception {
    PowerDisk disk = new PowerDisk(root);
    disk.hold(path -> true);
    OutputFile out = disk.create(file);
    Thread other = Thread.ofPlatform().daemon().start(out::sync);
    assertThat(disk.isDurable(file)).isFalse();
    disk.settle(List.of(file));
    other.join();
    assertThat(disk.isDurable(file)).isTrue();
    out.close();
  }
}
