/**
 * The encodings of chunks: how the samples of one series become bits and samples again, equal to
 * Prometheus' bits. Where chunks lie, in memory or in files, is not known here; nor is when one is
 * cut. Start at {@link io.narthex.tsdb.chunk.XorAppender}, where the format is drawn.
 */
@NullMarked
package io.narthex.tsdb.chunk;

import org.jspecify.annotations.NullMarked;
