/**
 * What a target's loop remembers of the pages it has read: which line is which series, which lines
 * were there last time, where the counting of series began that do not tell it, and what the
 * comments said of the metrics. Nothing here parses, appends or knows labels. Start at {@link
 * io.narthex.scrape.cache.SeriesCache}.
 */
@NullMarked
package io.narthex.scrape.cache;

import org.jspecify.annotations.NullMarked;
