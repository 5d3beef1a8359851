package io.narthex.storage;

import io.narthex.model.labels.Matcher;
import java.nio.file.Path;
import java.util.List;

/**
 * What the HTTP API may ask of a database beyond reading: its figures and its administration.
 * Thread-safe.
 */
public interface DatabaseAdmin {

  /** The figures of the head. Times are milliseconds since the epoch. */
  record HeadStats(long series, long labelPairs, long chunks, long minTime, long maxTime) {}

  /** A name and its count. */
  record NamedCount(String name, long count) {}

  /** Where the series of the head come from, each list descending by count. */
  record Cardinality(
      List<NamedCount> seriesCountByMetricName,
      List<NamedCount> labelValueCountByLabelName,
      List<NamedCount> memoryInBytesByLabelName,
      List<NamedCount> seriesCountByLabelValuePair) {}

  /**
   * The replay of the write-ahead log, in segment numbers.
   *
   * @param percent how much of the log is read, 0 to 100
   */
  record ReplayProgress(int min, int max, int current, int percent) {}

  HeadStats headStats();

  /**
   * @param limit the most entries of each list
   */
  Cardinality cardinality(int limit);

  ReplayProgress replayProgress();

  /**
   * The database for those who do not wait until it is filled from disk: until then each querier
   * sees what is there so far. Of what was there before the start each series may end at another
   * time, and late samples are missing; each commit since the start is seen whole or not at all.
   * Afterwards there is no difference to the database itself.
   */
  Queryable partial();

  /** The {@code meta.json} of each block that is loaded, as JSON text. */
  List<String> blockMetas();

  /**
   * Writes a copy of the database below {@code snapshots/}: hard links of the blocks, and a block
   * of the head.
   *
   * @param skipHead whether to leave out what is only in the head
   * @return the directory that was written
   * @throws StorageException if it cannot be written; nothing is left behind
   */
  Path snapshot(boolean skipHead);

  /**
   * Deletes samples, for good: from now on nobody sees them. Their bytes stay until the blocks are
   * written anew.
   *
   * @param minTime the first millisecond
   * @param maxTime the last millisecond, inclusive
   * @param matchers which series: those that satisfy all; with none nothing is deleted
   * @throws StorageException if that cannot be noted on disk; a part may be deleted
   */
  void delete(long minTime, long maxTime, List<Matcher> matchers);

  /**
   * Writes all blocks anew of which something is deleted, which frees its bytes.
   *
   * @throws StorageException if a block cannot be written; it stays as it was
   */
  void cleanTombstones();
}
