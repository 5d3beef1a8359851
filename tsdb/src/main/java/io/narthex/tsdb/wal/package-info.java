/**
 * The write-ahead log in Prometheus' format: writing it, reading it back, mending it where it is
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
 *         4 exemplars   ref0 i64, t0 i64,
 *                       { ref - ref0 varint, t - t0 varint, value f64, n uvarint, n * (name, value) }*
 *         5 markers     { ref i64, place of a head chunk i64 }*; in the log of out-of-order samples
 *         6 metadata    { ref uvarint, type u8, n uvarint, n * (name, value) }*
 *         7 histograms  ref0 i64, t0 i64, { ref - ref0 varint, t - t0 varint, HistogramCoding }*
 *         8             the same, counts are floats
 *      9 10             as 7 and 8, custom buckets
 *        11 samples     ref varint, t0 varint, start0 varint, value f64,
 *                       { ref - previous ref varint, t - t0 varint, START, value f64 }*
 *     12 13 histograms  ref varint, t0 varint, start0 varint, HistogramCoding,
 *                       { ref - previous ref varint, t - t0 varint, START, HistogramCoding }*;
 *                       whole and float counts, custom buckets or not
 *        14 min time    i64; in checkpoints: samples before it were dropped
 *
 * START     u8: 0 none, 1 as the sample before, 2 and start - start0 varint
 * </pre>
 *
 * Fixed numbers are big-endian, varints are Go's (signed ones zigzag). A record never crosses a
 * segment. The log of out-of-order samples ({@code wbl/}) is such a log too, without checkpoints.
 */
@NullMarked
package io.narthex.tsdb.wal;

import org.jspecify.annotations.NullMarked;
