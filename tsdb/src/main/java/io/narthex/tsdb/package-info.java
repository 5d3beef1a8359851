/**
 * The time series database as one thing: {@link io.narthex.tsdb.Database} over a data directory in
 * Prometheus' layout. Here the head and the blocks are put together, replay, compaction, retention
 * and snapshots are driven; how each of them works is the business of the packages below. Start at
 * {@link io.narthex.tsdb.Database}.
 */
@NullMarked
package io.narthex.tsdb;

import org.jspecify.annotations.NullMarked;
