package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.OutputFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From which segment on the write-ahead log may have late samples that stand nowhere else.
 *
 * <p>What is committed during a start is logged before anybody knows whether it is late; at the end
 * of the start the late samples are moved. A process that is killed in between leaves them in the
 * write-ahead log alone, where the next start would take them for samples that chunk files have. So
 * there is a file while it is so, {@value #NAME}, with the number of the segment. Where no late
 * samples are taken there is none. Prometheus does not look at it. Thread-safe.
 */
final class LateInWal {

  static final String NAME = "late_in_wal_from";

  private static final Logger LOG = LoggerFactory.getLogger(LateInWal.class);

  private final Disk disk;
  private final Path file;
  private final int ownSegment;
  private final int found;
  private boolean there;
  private boolean over;

  /**
   * @param ownSegment the first segment that this process writes
   */
  LateInWal(Disk disk, Path database, int ownSegment) {
    this.disk = disk;
    this.file = database.resolve(NAME);
    this.ownSegment = ownSegment;
    this.there = disk.exists(file);
    this.found = there ? read() : Integer.MAX_VALUE;
  }

  private int read() {
    try {
      String text = new String(disk.readAll(file), StandardCharsets.US_ASCII).strip();
      int number = Integer.parseInt(text);
      LOG.info("a start before this one was cut off; it began with segment {}", number);
      return number;
    } catch (NumberFormatException | DiskException e) {
      LOG.error("late samples may be lost that came while a start was cut off: {}", e.getMessage());
      return Integer.MAX_VALUE;
    }
  }

  /** The first such segment of an earlier process, the greatest number if there is none. */
  int first() {
    return found;
  }

  /** Notes that from now on this process may log late samples, if its start is not over. */
  synchronized void begin() {
    if (there || over) {
      return; // an earlier one counts
    }
    byte[] text = Integer.toString(ownSegment).getBytes(StandardCharsets.US_ASCII);
    try {
      Path temporary = file.resolveSibling(NAME + ".tmp");
      try (OutputFile out = disk.create(temporary)) {
        out.write(text, 0, text.length);
      }
      disk.rename(temporary, file);
      there = true;
    } catch (DiskException e) {
      LOG.error("late samples are lost if this start is cut off: {}", e.getMessage());
    }
  }

  /** Notes that all late samples are where they belong. */
  synchronized void end() {
    over = true;
    if (!there) {
      return;
    }
    try {
      disk.delete(file);
      there = false;
    } catch (DiskException e) {
      LOG.error("the next start will take samples for late ones that are not: {}", e.getMessage());
    }
  }
}
