package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.SetAside;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files where directories belong, and the other way round: they get another name. */
final class Strays {

  private static final Logger LOG = LoggerFactory.getLogger(Strays.class);
  private static final String CHECKPOINT = "checkpoint.";

  private Strays() {}

  /**
   * Moves them away.
   *
   * @throws io.narthex.base.file.DiskException if the disk refuses
   */
  static void moveAway(Disk disk, Path database) {
    for (String name : new String[] {"wal", "wbl", "chunks_head"}) {
      Path directory = database.resolve(name);
      if (!disk.exists(directory)) {
        continue;
      }
      if (!disk.isDirectory(directory)) {
        moveAway(disk, directory, "a file where a directory belongs");
        continue;
      }
      for (Path entry : disk.list(directory)) {
        String child = String.valueOf(entry.getFileName());
        if (isNumber(child) && disk.isDirectory(entry)) {
          moveAway(disk, entry, "a directory where a file belongs");
        } else if (child.startsWith(CHECKPOINT)
            && isNumber(child.substring(CHECKPOINT.length()))
            && !disk.isDirectory(entry)) {
          // Prometheus does not start over any file that is called so, whatever the ending.
          moveAway(
              disk,
              entry,
              entry.resolveSibling("not-a-" + child),
              "a file where a checkpoint's directory belongs");
        }
      }
    }
  }

  private static void moveAway(Disk disk, Path stray, String what) {
    moveAway(disk, stray, stray, what);
  }

  private static void moveAway(Disk disk, Path stray, Path name, String what) {
    Path place = SetAside.place(disk, name);
    disk.rename(stray, place);
    LOG.error("{}: {} is called {} from now on", what, stray, place.getFileName());
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
