/**
 * What a head has in memory, so that the next start needs to replay little of the log: chunk
 * snapshots in Prometheus' format ({@code memory-snapshot-on-shutdown}), written at a stop, and
 * images, our own, written of a running head. Files are written, read, listed and deleted here;
 * what the head does with their content, and when, is not known here. Writing starts at {@link
 * io.narthex.tsdb.snapshot.SnapshotWriter}, reading at {@link
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
 *
 * <p>Images are named alike, {@code head_image.SSSSSS.OOOOOOOOOO/}; Prometheus passes over them.
 * They have no labels (the log has them), and what upstream has no records for:
 *
 * <pre>
 *       101 image         format u8 (2), u64 how far the chunk files reached: number of the file in
 *                         the upper half, offset in it in the lower; the first record
 *       100 rows          ROW*
 *       102 end           the last record; an image without it is not whole
 *           series        as above, without labels: chunks that are in no file, and open ones of
 *                         other kinds than XOR or of rows that have such chunks
 *
 * ROW       the open XOR chunk as it lies in memory. What has a * is told as the difference from
 *           the row before in the record, or from 0: *ref varint, *min time varint, *next cut
 *           varint, *last time varint, *last step varint, samples uvarint, leading and trailing
 *           zeros of the window u8 each, how many of the last value's upper bytes follow u8 (the
 *           others are 0) and these, bits of the unfinished word u8 and its bytes (rounded up),
 *           number of full words uvarint, and these, big-endian
 * </pre>
 */
@NullMarked
package io.narthex.tsdb.snapshot;

import org.jspecify.annotations.NullMarked;
