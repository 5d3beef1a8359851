/**
 * The write-ahead log in Prometheus' format: writing it, reading it back, cutting it where it is
 * broken, and rewriting its oldest part as a checkpoint. What the records mean to the head is not
 * known here. Writing starts at {@link io.narthex.tsdb.wal.Wal} and {@link
 * io.narthex.tsdb.wal.WalBatch}, reading at {@link io.narthex.tsdb.wal.WalReader} and {@link
 * io.narthex.tsdb.wal.WalDecoder}.
 *
 * <pre>
 * segment   file of pages; 128 MiB unless its last record would cross the end
 * page      32 KiB: fragments, then zeros where no header (7 bytes) fits or the segment ended
 *
 * fragment
 *   0  1  type: rrrz sttt     ttt 0 the rest of the page is zero
 *                                 1 a whole record   2 its first part
 *                                 3 a middle part    4 its last part
 *                             s   the record is compressed by snappy (block format)
 *                             z   the record is compressed by zstd
 *   1  2  length of the data, big-endian
 *   3  4  CRC32C of the data, big-endian
 *   7     data
 *
 * record    its parts joined, then decompressed as a whole
 *   0  1  type, see RecordType
 *   1     1 series      { ref i64, n uvarint, n * (name, value as uvarint length and bytes) }*
 *         2 samples     ref0 i64, t0 i64, { ref - ref0 varint, t - t0 varint, value f64 }*
 *         3 tombstones  { ref i64, min time varint, max time varint }*
 *         6 metadata    { ref uvarint, type u8, n uvarint, n * (name, value) }*
 *        11 samples     ref varint, t0 varint, start0 varint, value f64,
 *                       { ref - previous ref varint, t - t0 varint,
 *                         marker u8 (0 none, 1 as before, 2 then start - start0 varint), value f64 }*
 * </pre>
 *
 * Fixed numbers are big-endian, varints are Go's (signed ones zigzag). A record never crosses a
 * segment.
 */
@NullMarked
package io.narthex.tsdb.wal;

import org.jspecify.annotations.NullMarked;
