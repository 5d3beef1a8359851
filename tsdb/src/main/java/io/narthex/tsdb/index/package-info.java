/**
 * The {@code index} file of a block: which series there are, which of them carry a label, where
 * their chunks lie. Written in Prometheus' version 2, read in 1, 2 and 3. What a chunk holds is not
 * known here. Start at {@link io.narthex.tsdb.index.IndexReader} and {@link
 * io.narthex.tsdb.index.IndexWriter}.
 *
 * <pre>
 * file
 *   0  4  magic 0xbaaad700
 *   4  1  version: 1, 2 or 3
 *   5     symbols
 *         series
 *         label indices, which nobody reads any more
 *         postings
 *         label offset table
 *         postings offset table
 *         table of contents, 52 bytes at the end
 *
 * symbols                    series: one entry after the other    postings: one list after the other
 *   length of all below u32    zeros up to a multiple of 16 [2]     zeros up to a multiple of 4
 *   n u32                      length of the entry uvarint          length of all below u32
 *   n * text, sorted           labels uvarint                       n u32
 *   CRC32C u32                 labels * (name, value: symbols [1])  n * series u32, ascending
 *                              chunks uvarint                       CRC32C u32
 *                              first: min time varint
 * postings offset table                max - min time uvarint
 *   length of all below u32            reference uvarint          table of contents
 *   n u32                      others: min - max before uvarint     symbols i64
 *   n * 2 uvarint                      max - min time uvarint       series i64
 *       name, value texts              reference - before varint    label indices i64
 *       offset of the list     CRC32C u32                           label offset table i64
 *         uvarint                                                   postings i64
 *   CRC32C u32                                                      postings offset table i64
 *                                                                   CRC32C u32
 * </pre>
 *
 * A label index is the length u32, 1 u32, the number of values u32, their symbols u32, and the
 * CRC32C; it begins at a multiple of 4. The label offset table is like the other one, with the name
 * alone and 1 instead of 2. The newest Prometheus leaves both empty.
 *
 * <p>A text is its length as a uvarint and its bytes in UTF-8. Checksums cover what lies between
 * the length and them. The offset table is sorted by name and value (not in version 1); its first
 * entry has the empty name and value and lists all series. Series lie in the order of their labels.
 *
 * <p>[1] A symbol is its number in the symbol table; in version 1 its offset in the file.
 *
 * <p>[2] A series is known by its offset divided by 16; in version 1 by its offset.
 */
@NullMarked
package io.narthex.tsdb.index;

import org.jspecify.annotations.NullMarked;
