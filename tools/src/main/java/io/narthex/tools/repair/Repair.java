package io.narthex.tools.repair;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.BlockDirectory;
import io.narthex.tsdb.block.BlockRepair;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.snapshot.SnapshotDirectory;
import io.narthex.tsdb.snapshot.SnapshotKind;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalCorruption;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One repair of one directory: leftovers, the logs, chunk snapshots, head chunks, blocks. Each part
 * says what it found; what fails in one does not keep the others from being looked at.
 *
 * <p>A dry run is the same on a disk whose writes go elsewhere, with the difference that blocks are
 * not written anew.
 */
final class Repair {

  /** Where in the directory things are kept that were taken out. */
  static final String ASIDE = "narthex-set-aside";

  /** What directories are called that hold nothing but what a reader needed for a while. */
  static final String SANDBOX = "tmp_dbro_sandbox";

  private final Disk disk;
  private final Path path;
  private final Clock clock;
  private final boolean dryRun;
  private final PrintStream out;
  private final Aside aside;
  private final RandomGenerator random = new SecureRandom();
  private int found;
  private int notMended;

  /**
   * @param disk in a dry run, one whose writes go elsewhere
   */
  Repair(Disk disk, Path path, Clock clock, boolean dryRun, PrintStream out) {
    this.disk = disk;
    this.path = path;
    this.clock = clock;
    this.dryRun = dryRun;
    this.out = out;
    this.aside = new Aside(disk, path, ASIDE, clock);
  }

  /**
   * @param lockLeft whether an earlier run left its lock
   * @return whether nothing is wrong, or all of it mended
   */
  boolean run(boolean lockLeft) {
    say("lock: " + (lockLeft ? "left by a run that did not stop cleanly" : "free"));
    part("leftovers", this::leftovers);
    part("write-ahead log", () -> log("write-ahead log", path.resolve("wal")));
    part("out-of-order log", () -> log("out-of-order log", path.resolve("wbl")));
    part("snapshots of the head", this::snapshots);
    part("head chunks", () -> new HeadChunkRepair(this).run());
    part("blocks", this::blocks);
    if (found == 0) {
      say("nothing is wrong");
    } else if (dryRun) {
      say(found + " things are wrong; nothing was changed");
    } else if (notMended == 0) {
      say(found + " things were wrong and are mended" + aside.told());
    } else {
      say(
          found
              + " things were wrong, of which "
              + notMended
              + " could not be mended"
              + aside.told());
    }
    return dryRun ? found == 0 : notMended == 0;
  }

  private void part(String name, Runnable work) {
    try {
      work.run();
    } catch (StorageException | DiskException e) {
      found++;
      failed(name + ": " + e.getMessage());
    }
  }

  void say(String line) {
    out.print(line + "\n");
  }

  /** Says that something is wrong. */
  void found(String line) {
    found++;
    say("  " + line);
  }

  void detail(String line) {
    say("    " + line);
  }

  void failed(String line) {
    notMended++;
    say("  not mended: " + line);
  }

  Disk disk() {
    return disk;
  }

  Path path() {
    return path;
  }

  boolean dryRun() {
    return dryRun;
  }

  Aside aside() {
    return aside;
  }

  /** What interrupted runs left behind; nothing of it counts, so it is removed. */
  private void leftovers() {
    BlockDirectory.Removal removal = new BlockDirectory(disk, path).removeTemporary();
    List<String> names = new ArrayList<>(removal.removed());
    for (Path entry : disk.list(path)) {
      String name = String.valueOf(entry.getFileName());
      if (SnapshotDirectory.isTemporary(name) || name.startsWith(SANDBOX)) {
        disk.deleteTree(entry);
        names.add(name);
      }
    }
    for (String log : List.of("wal", "wbl")) {
      WalDirectory directory = new WalDirectory(disk, path.resolve(log));
      LinkedHashSet<Path> before = new LinkedHashSet<>(disk.list(directory.path()));
      directory.deleteTemporary();
      disk.list(directory.path()).forEach(before::remove);
      before.forEach(file -> names.add(log + "/" + file.getFileName()));
    }
    say("leftovers of interrupted runs: " + (names.isEmpty() ? "none" : names.size()));
    for (String name : names) {
      found(name + (dryRun ? "" : ": removed"));
    }
    for (String failure : removal.failures()) {
      found++;
      failed(failure);
    }
  }

  private void log(String name, Path directory) {
    if (!disk.exists(directory)) {
      say(name + ": none");
      return;
    }
    WalDirectory log = new WalDirectory(disk, directory);
    List<Integer> missing = log.fillGaps();
    List<WalDirectory.Segment> segments = log.replay(Integer.MAX_VALUE);
    WalDirectory.CheckpointEntry checkpoint = log.lastCheckpoint();
    CountingHandler counts = new CountingHandler();
    List<WalCorruption> broken = new ArrayList<>();
    // A record does not go on from the checkpoint into the log, nor does the order of segments.
    List<WalDirectory.Segment> old =
        segments.stream().filter(s -> !directory.equals(s.file().getParent())).toList();
    for (List<WalDirectory.Segment> part :
        List.of(old, segments.subList(old.size(), segments.size()))) {
      try (WalReader reader = new WalReader(disk, part)) {
        broken.addAll(read(reader, part, counts));
      }
    }
    say(
        name
            + ": "
            + (segments.size() - old.size())
            + " segments"
            + (checkpoint == null ? "" : ", checkpoint " + checkpoint.number())
            + ", "
            + counts);
    if (!missing.isEmpty()) {
      found("segments are missing, and so is what was in them: " + missing);
      detail(dryRun ? "empty ones would take their places" : "empty ones are in their places now");
    }
    broken.forEach(one -> found(one.message()));
    if (broken.isEmpty() || dryRun) {
      return;
    }
    broken.stream().map(WalCorruption::file).distinct().forEach(aside::copy);
    // They tell places in the log, and what lies there changes.
    SnapshotDirectory.deleteAllBelow(disk, path, new Wal.Place(Integer.MAX_VALUE, 0));
    for (WalDirectory.Mended mended : log.mend(broken)) {
      detail(mended.message());
    }
  }

  /** What cannot be read, in order, and what only we can read. */
  private static List<WalCorruption> read(
      WalReader reader, List<WalDirectory.Segment> segments, CountingHandler counts) {
    List<WalCorruption> broken = new ArrayList<>();
    WalDecoder decoder = new WalDecoder();
    while (true) {
      while (reader.next()) {
        if (reader.flagWasLost()) {
          broken.add(
              new WalCorruption(
                  file(segments, reader.segment()),
                  reader.segment(),
                  reader.offset(),
                  false,
                  "the record is compressed and does not say so"));
        }
        reader.decode(decoder, counts);
      }
      WalCorruption corruption = reader.corruption();
      if (corruption == null) {
        return broken;
      }
      broken.add(corruption);
      reader.resume();
    }
  }

  private static Path file(List<WalDirectory.Segment> segments, int number) {
    for (WalDirectory.Segment segment : segments) {
      if (segment.number() == number) {
        return segment.file();
      }
    }
    throw new IllegalStateException("no segment " + number);
  }

  private void snapshots() {
    snapshots("chunk snapshots", SnapshotKind.CHUNKS);
    snapshots("images of the head", SnapshotKind.IMAGE);
  }

  private void snapshots(String name, SnapshotKind kind) {
    SnapshotDirectory snapshots = new SnapshotDirectory(disk, path, kind);
    List<SnapshotDirectory.Snapshot> all = snapshots.all();
    say(name + ": " + (all.isEmpty() ? "none" : all.size()));
    for (SnapshotDirectory.Snapshot snapshot : all) {
      try {
        snapshots.read(snapshot, new CountingHandler());
      } catch (StorageException e) {
        found(String.valueOf(e.getMessage()));
        detail("the log has what is in it" + (dryRun ? "" : "; it is set aside"));
        if (!dryRun) {
          aside.move(snapshot.directory());
        }
      }
    }
  }

  private void blocks() {
    List<Path> all = new BlockDirectory(disk, path).list();
    say("blocks: " + all.size());
    BlockRepair repair =
        new BlockRepair(disk, path, () -> Ulid.next(clock.millis(), random), dryRun ? null : aside);
    for (Path block : all) {
      part("block " + block.getFileName(), () -> report(block, repair.run(block)));
    }
  }

  private void report(Path block, BlockRepair.Outcome outcome) {
    if (outcome.state() == BlockRepair.State.SOUND) {
      return;
    }
    say("  block " + block.getFileName() + ":");
    found++;
    outcome.findings().forEach(this::detail);
    outcome.actions().forEach(action -> detail(dryRun ? "would be: " + action : action));
    switch (outcome.state()) {
      case SOUND, MENDED -> {}
      case SET_ASIDE -> notMended++;
      case LEFT -> failed("block " + block.getFileName() + ": it is left as it is");
    }
  }
}
