package io.narthex.it;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/**
 * The points at which a server's own work on the disk may end it, by what it is doing there; as
 * {@link io.narthex.testkit.CrashDisk.Point} reads them, but for {@code FROM-TO}, in the place of
 * which a number is chosen.
 */
final class CrashPoints {

  static final String LOG = "log";
  static final String HEAD_CHUNKS = "head chunk cut";
  static final String CHECKPOINT = "checkpoint";
  static final String HEAD_TO_BLOCK = "head to block";
  static final String BLOCKS_TO_BLOCK = "blocks to block";
  static final String TRUNCATION = "truncation";
  static final String RETENTION = "retention";
  static final String DELETION = "deletion";
  static final String IMAGE = "image of the head";

  private static final String BLOCK = "/[0-9A-Z]{26}$";
  private static final String NEW_BLOCK = "tmp-for-creation";
  private static final String OLD_BLOCK = "tmp-for-deletion";
  private static final String SEGMENT = "/wal/[0-9]+$";
  private static final String LATE_SEGMENT = "/wbl/[0-9]+$";
  private static final String HEAD_FILE = "/chunks_head/[0-9]+$";
  private static final String NEW_IMAGE = "/head_image[.][0-9.]+[.]tmp";
  private static final String OLD_IMAGE = "/head_image[.][0-9.]+$";
  private static final String STONES = "/[0-9A-Z]{26}/tombstones";

  private static final Map<String, List<String>> POINTS =
      new TreeMap<>(
          Map.of(
              IMAGE,
              List.of(
                  "create:after:1:" + NEW_IMAGE,
                  "write:within:1-2:" + NEW_IMAGE,
                  "sync:before:1-2:" + NEW_IMAGE,
                  "sync:before:1-3:" + HEAD_FILE + "@Head.image",
                  "sync:after:1-2:" + SEGMENT + "@HeadSnapshots.image",
                  "rename:before:1-2:" + OLD_IMAGE,
                  "rename:after:1-2:" + OLD_IMAGE,
                  "delete:before:1-2:" + "/head_image",
                  "delete:after:1-3:" + "/head_image"),
              LOG,
              List.of(
                  "write:within:1-400:" + SEGMENT,
                  "write:after:1-400:" + SEGMENT,
                  "write:before:1-400:" + SEGMENT,
                  "create:after:1-3:" + SEGMENT,
                  "write:within:1-100:" + LATE_SEGMENT,
                  "write:before:1-100:" + LATE_SEGMENT,
                  "create:after:1-3:" + LATE_SEGMENT),
              HEAD_CHUNKS,
              List.of(
                  "write:within:1-4:" + HEAD_FILE,
                  "write:after:1-4:" + HEAD_FILE,
                  "create:after:1:" + HEAD_FILE,
                  "sync:before:1-2:" + HEAD_FILE,
                  "sync:after:1:" + HEAD_FILE),
              CHECKPOINT,
              List.of(
                  "create:after:1:/checkpoint@Checkpoint.write",
                  "write:within:1:/checkpoint@Checkpoint.write",
                  "sync:before:1-2:/checkpoint@Checkpoint.write",
                  "rename:before:1:/checkpoint[.][0-9]+$",
                  "rename:after:1:/checkpoint[.][0-9]+$",
                  "sync:before:1:/wal$@Checkpoint.write"),
              HEAD_TO_BLOCK,
              List.of(
                  "write:within:1-6:" + NEW_BLOCK + "/chunks@HeadBlocks.write",
                  "write:within:1-6:" + NEW_BLOCK + "/index@HeadBlocks.write",
                  "create:after:1-3:" + NEW_BLOCK + "/meta@HeadBlocks.write",
                  "sync:before:1-9:" + NEW_BLOCK + "@HeadBlocks.write",
                  "rename:before:1-5:" + BLOCK + "@HeadBlocks.write",
                  "rename:after:1-5:" + BLOCK + "@HeadBlocks.write"),
              BLOCKS_TO_BLOCK,
              List.of(
                  "write:within:1-4:" + NEW_BLOCK + "/chunks@Compactor.compact",
                  "write:within:1-4:" + NEW_BLOCK + "/index@Compactor.compact",
                  "sync:before:1-9:" + NEW_BLOCK + "@Compactor.compact",
                  "rename:before:1-3:" + BLOCK + "@Compactor.compact",
                  "rename:after:1-3:" + BLOCK + "@Compactor.compact",
                  "rename:before:1-5:" + OLD_BLOCK + "$@BlockSet.reload",
                  "rename:after:1-5:" + OLD_BLOCK + "$@BlockSet.reload",
                  "delete:after:1-20:" + OLD_BLOCK + "@BlockSet.reload"),
              TRUNCATION,
              List.of(
                  "delete:before:1-3:" + SEGMENT,
                  "delete:after:1-3:" + SEGMENT,
                  "delete:before:1-2:" + LATE_SEGMENT,
                  "delete:after:1-2:" + LATE_SEGMENT,
                  "delete:before:1-2:" + HEAD_FILE,
                  "delete:after:1-2:" + HEAD_FILE,
                  "delete:after:1-2:/checkpoint[.][0-9]+@WalDirectory.deleteCheckpointsBelow"),
              RETENTION,
              List.of(
                  "rename:before:1-3:" + OLD_BLOCK + "$@Compaction.retain",
                  "rename:after:1-3:" + OLD_BLOCK + "$@Compaction.retain",
                  "delete:before:1-8:" + OLD_BLOCK + "@Compaction.retain",
                  "delete:after:1-8:" + OLD_BLOCK + "@Compaction.retain"),
              DELETION,
              List.of(
                  "write:within:1-3:" + STONES + "[.]tmp$@Database.delete",
                  "sync:before:1-3:" + STONES + "[.]tmp$@Database.delete",
                  "rename:before:1-3:" + STONES + "$@Database.delete",
                  "rename:after:1-3:" + STONES + "$@Database.delete",
                  "write:before:1-3:" + SEGMENT + "@HeadDeletion",
                  "write:within:1-3:" + SEGMENT + "@HeadDeletion",
                  "write:after:1-3:" + SEGMENT + "@HeadDeletion",
                  "rename:before:1-2:" + BLOCK + "@Compactor.rewrite",
                  "rename:after:1-2:" + BLOCK + "@Compactor.rewrite",
                  "rename:after:1-2:" + OLD_BLOCK + "$@Compaction.cleanTombstones")));

  private CrashPoints() {}

  /** What a server does on the disk. */
  static List<String> kinds() {
    return List.copyOf(POINTS.keySet());
  }

  /** Chooses a point. */
  static String choose(String kind, Random random) {
    List<String> points = Objects.requireNonNull(POINTS.get(kind));
    String point = points.get(random.nextInt(points.size()));
    String[] parts = point.split(":", 4);
    String[] range = parts[2].split("-", 2);
    int from = Integer.parseInt(range[0]);
    int to = Integer.parseInt(range[range.length - 1]);
    parts[2] = Integer.toString(from + random.nextInt(to - from + 1));
    return String.join(":", parts);
  }
}
