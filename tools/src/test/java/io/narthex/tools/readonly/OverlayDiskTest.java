package io.narthex.tools.readonly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.MappedFile;
import io.narthex.base.file.OutputFile;
import io.narthex.tools.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OverlayDiskTest {

  @TempDir Path folder;

  private static void write(Disk disk, Path file, String text) {
    byte[] bytes = Utf8.bytes(text);
    try (OutputFile out = disk.create(file)) {
      out.write(bytes, 0, bytes.length);
      out.sync();
    }
  }

  private static String read(Disk disk, Path file) {
    byte[] bytes = disk.readAll(file);
    return Utf8.text(bytes, 0, bytes.length);
  }

  private Path base() throws IOException {
    Path base = Files.createDirectories(folder.resolve("base"));
    Files.createDirectories(base.resolve("a/b"));
    Files.writeString(base.resolve("one"), "1");
    Files.writeString(base.resolve("a/two"), "22");
    Files.writeString(base.resolve("a/b/three"), "333");
    return base;
  }

  @Test
  void whatIsThereShowsAndNothingOfItChanges() throws IOException {
    Path base = base();
    Map<String, String> before = Directories.tree(base);
    OverlayDisk disk = new OverlayDisk(Disk.SYSTEM, Files.createDirectory(folder.resolve("upper")));
    write(disk, base.resolve("a/four"), "4444");
    write(disk, base.resolve("one"), "new");
    disk.truncate(base.resolve("a/b/three"), 2);
    disk.rename(base.resolve("a"), base.resolve("z"));
    disk.link(base.resolve("z/two"), base.resolve("linked"));
    disk.delete(base.resolve("z/two"));
    disk.createDirectories(base.resolve("deep/er"));
    assertThat(Directories.tree(base)).isEqualTo(before);
    assertThat(disk.list(base))
        .containsExactly(
            base.resolve("deep"), base.resolve("linked"), base.resolve("one"), base.resolve("z"));
    assertThat(disk.list(base.resolve("z")))
        .containsExactly(base.resolve("z/b"), base.resolve("z/four"));
    assertThat(read(disk, base.resolve("one"))).isEqualTo("new");
    assertThat(read(disk, base.resolve("z/b/three"))).isEqualTo("33");
    assertThat(read(disk, base.resolve("linked"))).isEqualTo("22");
    assertThat(disk.size(base.resolve("z/four"))).isEqualTo(4);
    assertThat(disk.isDirectory(base.resolve("deep/er"))).isTrue();
    assertThat(disk.exists(base.resolve("a"))).isFalse();
    assertThat(disk.list(base.resolve("a"))).isEmpty();
    assertThatThrownBy(() -> disk.readAll(base.resolve("a/two")))
        .isInstanceOf(DiskException.class)
        .hasMessageContaining("no such file or directory");
    try (MappedFile file = disk.map(base.resolve("z/four"))) {
      assertThat(file.u8(0)).isEqualTo('4');
    }
    disk.link(base.resolve("one"), base.resolve("also"));
    write(disk, base.resolve("one"), "newer");
    disk.delete(base.resolve("one"));
    assertThat(read(disk, base.resolve("also"))).isEqualTo("new");
    disk.deleteTree(base.resolve("z"));
    assertThat(disk.exists(base.resolve("z/b/three"))).isFalse();
    disk.createDirectories(base.resolve("z"));
    assertThat(disk.list(base.resolve("z"))).isEmpty();
    assertThat(Directories.tree(base)).isEqualTo(before);
  }

  /** The same steps on a real copy give the same picture. */
  @Test
  void itIsLikeADiskOfItsOwn() throws IOException {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Path base = folder.resolve("base" + seed);
      Files.createDirectories(base.resolve("a/b"));
      Files.writeString(base.resolve("a/x"), "123456");
      Files.writeString(base.resolve("a/b/y"), "abcdef");
      Files.writeString(base.resolve("x"), "other");
      Path copy = folder.resolve("copy" + seed);
      Directories.copy(base, copy);
      Map<String, String> before = Directories.tree(base);
      OverlayDisk overlay =
          new OverlayDisk(Disk.SYSTEM, Files.createDirectory(folder.resolve("upper" + seed)));
      List<String> steps = new ArrayList<>();
      for (int step = 0; step < 12; step++) {
        int action = random.nextInt(6);
        String one = name(random);
        String other = name(random);
        steps.add(action + " " + one + " " + other);
        boolean ours = act(overlay, base, action, one, other, step);
        boolean real = act(Disk.SYSTEM, copy, action, one, other, step);
        assertThat(ours).describedAs("seed " + seed + " " + steps).isEqualTo(real);
        assertThat(picture(overlay, base, base))
            .describedAs("seed " + seed + " " + steps)
            .isEqualTo(picture(Disk.SYSTEM, copy, copy));
      }
      assertThat(Directories.tree(base)).isEqualTo(before);
    }
  }

  private static String name(Random random) {
    String[] names = {"a", "x", "a/x", "a/b", "a/b/y", "c", "c/x"};
    return names[random.nextInt(names.length)];
  }

  private static boolean act(Disk disk, Path root, int action, String one, String other, int step) {
    Path path = root.resolve(one);
    Path second = root.resolve(other);
    // Only what database code does: no file over a directory, nothing into itself.
    boolean file = disk.exists(path) && !disk.isDirectory(path);
    boolean parent = disk.isDirectory(Objects.requireNonNull(path.getParent()));
    boolean room =
        !disk.exists(second)
            && disk.isDirectory(Objects.requireNonNull(second.getParent()))
            && !second.startsWith(path);
    switch (action) {
      case 0 -> {
        if (!parent || disk.isDirectory(path)) {
          return false;
        }
        write(disk, path, "written " + step);
      }
      case 1 -> {
        if (!disk.exists(path) || !room) {
          return false;
        }
        disk.rename(path, second);
      }
      case 2 -> {
        if (!file) {
          return false;
        }
        disk.truncate(path, Math.min(3, disk.size(path)));
      }
      case 3 -> {
        if (!disk.exists(path)) {
          return false;
        }
        disk.deleteTree(path);
      }
      case 4 -> {
        if (file || !parent) {
          return false;
        }
        disk.createDirectories(path);
      }
      default -> {
        if (!file) {
          return false;
        }
        disk.delete(path);
      }
    }
    return true;
  }

  private static List<String> picture(Disk disk, Path root, Path at) {
    List<String> all = new ArrayList<>();
    for (Path child : disk.list(at)) {
      boolean directory = disk.isDirectory(child);
      all.add(root.relativize(child) + " " + (directory ? "/" : read(disk, child)));
      if (directory) {
        all.addAll(picture(disk, root, child));
      }
    }
    return all;
  }
}
