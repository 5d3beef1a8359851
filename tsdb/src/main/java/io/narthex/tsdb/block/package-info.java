/**
 * Blocks: directories that hold all samples of a half-open range of time and never change but for
 * their tombstones. Writing one, opening and querying one, listing those of a database. Which
 * blocks there ought to be is not decided here. Start at {@link io.narthex.tsdb.block.Block} and
 * {@link io.narthex.tsdb.block.BlockWriter}.
 *
 * <pre>
 * block           directory, named by its ULID; &lt;ULID&gt;.tmp-for-creation while it is written
 *   meta.json     see BlockMeta
 *   index         see io.narthex.tsdb.index
 *   chunks/       files 000001, 000002, ... of at most 512 MiB
 *   tombstones
 *
 * chunks/%06d                          chunk
 *   0  4  magic 0x85bd40dd               length of the data, uvarint
 *   4  1  version 1                      encoding u8
 *   5  3  zeros                          data
 *   8     chunks                         CRC32C u32 of encoding and data
 *
 * tombstones
 *   0  4  magic 0x0130ba30
 *   4  1  version 1
 *   5     { series uvarint, min time varint, max time varint }*
 *      4  CRC32C u32 of the entries
 * </pre>
 *
 * Fixed numbers are big-endian. A chunk's reference is {@code (file - 1) << 32 | offset}. Both ends
 * of a tombstone are inclusive.
 */
@NullMarked
package io.narthex.tsdb.block;

import org.jspecify.annotations.NullMarked;
