package io.narthex.tools.repair;

import io.narthex.base.file.Disk;
import io.narthex.base.file.InputFile;
import io.narthex.base.file.OutputFile;
import io.narthex.base.time.Clock;
import io.narthex.tsdb.block.BlockRepair;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The place where things are kept that a repair takes out: a directory in the database's own, whose
 * name neither Prometheus nor the server take for anything. Each repair has a directory of its own
 * in it, and things lie there as they lay in the database.
 */
final class Aside implements BlockRepair.Aside {

  private static final int COPY_BYTES = 1 << 20;
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Disk disk;
  private final Path database;
  private final Path folder;
  private boolean used;

  Aside(Disk disk, Path database, String name, Clock clock) {
    this.disk = disk;
    this.database = database;
    this.folder = database.resolve(name).resolve(NAME.format(Instant.ofEpochMilli(clock.millis())));
  }

  @Override
  public void move(Path what) {
    Path to = place(what);
    disk.rename(what, to);
    sync(to);
    sync(what);
  }

  @Override
  public void copy(Path file) {
    Path to = place(file);
    byte[] buffer = new byte[COPY_BYTES];
    try (InputFile in = disk.open(file);
        OutputFile copy = disk.create(to)) {
      for (int n = in.read(buffer, 0, buffer.length);
          n > 0;
          n = in.read(buffer, 0, buffer.length)) {
        copy.write(buffer, 0, n);
      }
      copy.sync();
    }
    sync(to);
  }

  private Path place(Path what) {
    used = true;
    Path to = folder.resolve(database.relativize(what));
    Path parent = to.getParent();
    disk.createDirectories(parent == null ? folder : parent);
    return to;
  }

  private void sync(Path path) {
    Path parent = path.getParent();
    if (parent != null) {
      disk.syncDirectory(parent);
    }
  }

  /** Where things are, for the last line; empty if nothing was taken out. */
  String told() {
    return used ? "; what was taken out is in " + folder : "";
  }
}
