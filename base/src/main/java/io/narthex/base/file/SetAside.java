package io.narthex.base.file;

import java.nio.file.Path;

/**
 * Moves away what cannot be used, without losing it: the name gets an ending that no program takes
 * for its own. What to do with it is left to whoever runs the server.
 */
public final class SetAside {

  /** What such names end in, but for a number. */
  public static final String ENDING = ".set-aside";

  private SetAside() {}

  /** Where a file or directory can be moved to; there is nothing of this name yet. */
  public static Path place(Disk disk, Path path) {
    String name = path.getFileName() + ENDING;
    Path place = path.resolveSibling(name);
    for (int i = 2; disk.exists(place); i++) {
      place = path.resolveSibling(name + "." + i);
    }
    return place;
  }

  /**
   * Renames a file or directory.
   *
   * @return what it is called now
   */
  public static Path move(Disk disk, Path path) {
    Path place = place(disk, path);
    disk.rename(path, place);
    return place;
  }
}
