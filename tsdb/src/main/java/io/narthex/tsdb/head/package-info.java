/**
 * The young part of the database, in memory: series and their open chunks as structures of arrays
 * off the heap, the index over them, commits and the readers that must see them whole. It writes to
 * a log, of which it knows only {@link io.narthex.tsdb.head.CommitLog}, and to the head chunk
 * files; blocks and directories are not known here. Start at {@link io.narthex.tsdb.head.Head},
 * then {@code Rows} (what a series is) and {@code Isolation} (who sees what).
 */
@NullMarked
package io.narthex.tsdb.head;

import org.jspecify.annotations.NullMarked;
