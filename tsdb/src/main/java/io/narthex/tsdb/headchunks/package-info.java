/**
 * The files of {@code chunks_head/}: full chunks of the head, which need not be in memory nor be
 * replayed from the write-ahead log. Appending, finding a chunk by its reference, reading all of
 * them at start, deleting old files. What the chunks hold is {@link io.narthex.tsdb.chunk}'s
 * business. Start at {@link io.narthex.tsdb.headchunks.HeadChunks}.
 *
 * <pre>
 * file      %06d, from 1 on, at most 128 MiB; zeros may follow the last chunk
 *   0  4  magic 0x0130bc91
 *   4  1  version 1
 *   5  3  zeros
 *   8     chunks
 *
 * chunk
 *   0  8  reference of its series
 *   8  8  time of the first sample, milliseconds since the epoch
 *  16  8  time of the last sample
 *  24  1  encoding; the highest bit says that the samples were out of order
 *  25     length of the data, uvarint
 *         data
 *      4  CRC32C of all before it, from the series' reference on
 * </pre>
 *
 * All numbers are big-endian. A chunk's reference is {@code file << 32 | offset}, the offset being
 * that of the series' reference.
 */
@NullMarked
package io.narthex.tsdb.headchunks;

import org.jspecify.annotations.NullMarked;
