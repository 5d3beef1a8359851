/**
 * The newest exemplars of all series, in memory. They come in through the head's commits and its
 * replay, which also secure them in the log; blocks have none. Start at {@link
 * io.narthex.tsdb.exemplar.ExemplarStorage}.
 */
@NullMarked
package io.narthex.tsdb.exemplar;

import org.jspecify.annotations.NullMarked;
