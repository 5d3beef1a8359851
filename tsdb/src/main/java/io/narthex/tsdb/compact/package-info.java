/**
 * What happens to blocks after they were cut: which of them are made into one ({@link
 * io.narthex.tsdb.compact.Planner}), how that is done ({@link io.narthex.tsdb.compact.Compactor}),
 * and which of them are too old or too much ({@link io.narthex.tsdb.compact.Retention}). When this
 * happens, and on which thread, is not decided here; nor is the format of a block known.
 *
 * <p>A compaction walks through all series of its sources in the order of their labels, and through
 * the chunks of each in the order of time:
 *
 * <pre>
 * BlockScan --- BlockSeries --+
 *   a block     its chunks,   |   ChunkMerge -----------+--- BlockWriter
 * BlockScan --- deleted ones -+   chunks that overlap   |
 *               left out          are decoded (in       |
 *                                 SampleMerge) and      |
 *                                 encoded anew (by      |
 *                                 ChunkEncoder)         |
 *                                                       |
 *                 chunks that touch nothing pass as they are
 * </pre>
 *
 * The bytes are those that Prometheus writes from the same blocks. Where samples of several blocks
 * have the same time, that hangs on the order in which equal entries leave its heaps; so {@link
 * io.narthex.tsdb.compact.Heap} orders them as Go's does.
 */
@NullMarked
package io.narthex.tsdb.compact;

import org.jspecify.annotations.NullMarked;
