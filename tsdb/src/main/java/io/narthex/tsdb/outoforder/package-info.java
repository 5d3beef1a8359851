/**
 * Samples that come too late for their series' open chunk, and are taken all the same while they
 * are within the out-of-order window. Start at {@link io.narthex.tsdb.outoforder.OutOfOrder}.
 *
 * <p>The head asks here only where it would otherwise refuse a sample; who sends everything in
 * order pays one comparison for each query's series, and nothing for a sample. So what is late lies
 * on the heap, in plain arrays, and not in the head's rows.
 *
 * <pre>
 *  a late sample --> WAL, with the rest of its commit
 *                --> its series' sorted array, at most 32 samples, hidden until the commit is seen
 *                --> WBL: samples
 *  the array is full --> chunk, the 33rd sample begins the next array
 *                    --> head chunk file, with the out-of-order bit
 *                    --> WBL: marker "what stands before me of this series is in that chunk"
 *  the head was cut --> WBL begins a new segment, arrays become chunks
 *                   --> a block per range of time, hint from-out-of-order
 *                   --> old segments of the WBL and the chunks are let go
 * </pre>
 *
 * <p>Chunks of a series may overlap each other and those that came in order: a query merges them,
 * and of two samples of one time the one that was written later stays. A restart reads chunk files,
 * then the WAL, then the WBL ({@link io.narthex.tsdb.outoforder.LateReplay}).
 *
 * <p>Not here: which samples are late (the head's appender knows), the format of the files, when
 * blocks are written.
 */
@NullMarked
package io.narthex.tsdb.outoforder;

import org.jspecify.annotations.NullMarked;
