package io.narthex.tsdb;

import io.narthex.base.file.DiskException;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.wal.Wal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When images of the head are written: often enough that a start reads a bounded part of the log,
 * and so seldom that they cost little beside the samples that they are about.
 */
final class HeadImages {

  private static final Logger LOG = LoggerFactory.getLogger(HeadImages.class);

  /** At a stop an image is worth its time sooner: nobody waits for anything else. */
  private static final int SOONER_AT_STOP = 4;

  /**
   * When.
   *
   * @param samples not before a start would have to read so many
   * @param samplesPerSeries nor before it would have to read so many of each series, on average
   */
  record Rule(long samples, int samplesPerSeries) {

    /** Two millions are read in a second; 32 of a series take as many bytes as its image. */
    static final Rule DEFAULT = new Rule(2_000_000, 32);

    boolean isDue(long uncovered, int series) {
      return uncovered >= Math.max(samples, (long) samplesPerSeries * series);
    }
  }

  private final HeadSnapshots snapshots;
  private final Head head;
  private final Wal wal;
  private final Rule rule;
  private long covered; // by the last image, of the samples that were appended; less what was read

  /**
   * @param read the samples of the log that the start had to read
   */
  HeadImages(HeadSnapshots snapshots, Head head, Wal wal, Rule rule, long read) {
    this.snapshots = snapshots;
    this.head = head;
    this.wal = wal;
    this.rule = rule;
    this.covered = appended() - read;
  }

  private long appended() {
    return head.counters().samplesAppended.sum() + head.counters().histogramsAppended.sum();
  }

  boolean isDue() {
    return rule.isDue(appended() - covered, head.series());
  }

  /** Part of maintenance. */
  void write() {
    long now = appended();
    snapshots.image(head, wal);
    covered = now;
  }

  /** For a head that nobody writes to any more. */
  void writeAtStop() {
    if (!rule.isDue((appended() - covered) * SOONER_AT_STOP, head.series())) {
      return;
    }
    try {
      write();
    } catch (StorageException | DiskException e) {
      LOG.error("no image of the head, the next start reads more of the log: {}", e.getMessage());
    }
  }
}
