package io.narthex.tools.repair;

import io.narthex.base.file.Disk;
import io.narthex.tools.readonly.OverlayDisk;
import io.narthex.tsdb.headchunks.HeadChunks;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of a repair that is about the files of the head's full chunks. They are cut at the first
 * broken chunk, as the server does, since a chunk is known by its place; the log has the samples of
 * what is cut off. The files as they were are kept aside.
 */
final class HeadChunkRepair {

  private final Repair repair;
  private long chunks;

  HeadChunkRepair(Repair repair) {
    this.repair = repair;
  }

  void run() {
    Disk disk = repair.disk();
    Path directory = repair.path().resolve("chunks_head");
    if (!disk.exists(directory)) {
      repair.say("head chunks: none");
      return;
    }
    Map<Path, Long> before = new LinkedHashMap<>();
    disk.list(directory).forEach(file -> before.put(file, disk.size(file)));
    // First on a disk that is not changed, to know which files are to be kept.
    Path scratch = repair.path().resolve(Repair.SANDBOX + "_repair");
    boolean changes;
    HeadChunks.Repair broken;
    disk.createDirectories(scratch);
    try {
      Disk trial = new OverlayDisk(disk, scratch);
      broken = open(trial, directory);
      changes = false;
      for (Map.Entry<Path, Long> file : before.entrySet()) {
        boolean same = trial.exists(file.getKey()) && trial.size(file.getKey()) == file.getValue();
        changes |= !same;
        if (!same && !repair.dryRun()) {
          repair.aside().copy(file.getKey());
        }
      }
    } finally {
      disk.deleteTree(scratch);
    }
    repair.say("head chunks: " + before.size() + " files, " + chunks + " sound chunks");
    if (broken != null) {
      repair.found(broken.message());
      repair.detail("the log has the samples that are lost here, as far as it is sound");
    } else if (changes) {
      repair.found("the last file was begun only");
    }
    if (changes && !repair.dryRun()) {
      open(disk, directory);
    }
  }

  private HeadChunks.@Nullable Repair open(Disk disk, Path directory) {
    chunks = 0;
    try (HeadChunks files =
        HeadChunks.open(
            disk,
            directory,
            (chunkRef, seriesRef, minTime, maxTime, encoding, outOfOrder, samples) -> chunks++)) {
      return files.repair();
    }
  }
}
