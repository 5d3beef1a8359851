/**
 * The encodings of chunks: how the samples of one series become bits and samples again, equal to
 * Prometheus' bits. Where chunks lie, in memory or in files, is not known here; nor is when one is
 * full.
 *
 * <p>Start at {@link io.narthex.tsdb.chunk.ChunkEncoding}, which lists them, and {@link
 * io.narthex.tsdb.chunk.ChunkDecoder}, which reads any of them. Who writes an encoding draws its
 * format: {@link io.narthex.tsdb.chunk.XorAppender} (1), {@link
 * io.narthex.tsdb.chunk.HistogramAppender} (2, 3, 5, 6), {@link io.narthex.tsdb.chunk.Xor2Appender}
 * (4).
 */
@NullMarked
package io.narthex.tsdb.chunk;

import org.jspecify.annotations.NullMarked;
