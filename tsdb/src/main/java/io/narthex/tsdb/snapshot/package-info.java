/**
 * Chunk snapshots in Prometheus' format ({@code memory-snapshot-on-shutdown}): what a head had in
 * memory when it was stopped, so that the next start needs to replay little of the log. Files are
 * written, read, listed and deleted here; what the head does with their content, and when, is not
 * known here. Writing starts at {@link io.narthex.tsdb.snapshot.SnapshotWriter}, reading at {@link
 * io.narthex.tsdb.snapshot.SnapshotDirectory#last}.
 *
 * <pre>
 * chunk_snapshot.SSSSSS.OOOOOOOOOO/   segments framed like those of the log. It holds what the log
 *                                     has up to the offset O of its segment S.
 *
 * record    (source: upstream's tsdb/head_wal.go and tsdb/docs/format/memory_snapshot.md)
 *   0  1  type
 *   1     1 series      ref i64, n uvarint, n * (name, value as uvarint length and bytes),
 *                       0 i64 (a chunk range once), chunks uvarint: 0 or 1; if 1
 *                         min time i64, max time i64, encoding u8, length uvarint, chunk, LAST
 *         2 tombstones  length uvarint, 1 u8, { ref uvarint, min time varint, max time varint }*;
 *                       one record, even if there are none
 *         3 exemplars   as in the log, at most 10,000 a record, oldest first
 *
 * LAST      encodings 1, 4   three times 16 zeros, 8 zeros, value f64
 *           encodings 2, 5   a histogram as in the log, whole counts
 *           encodings 3, 6   a histogram as in the log, float counts
 * </pre>
 *
 * <p>Series come first, then the tombstones, then exemplars. Of the encodings upstream's snapshots
 * are known to hold 1 to 3; what it writes behind chunks of the others is not known, and assumed to
 * be what their kind of sample suggests.
 */
@NullMarked
package io.narthex.tsdb.snapshot;

import org.jspecify.annotations.NullMarked;
