/**
 * Keeps the targets of all jobs and scrapes them: what is discovered becomes targets, each target
 * has a loop, each scrape a virtual thread, and what a loop fetches goes through {@link
 * io.narthex.scrape.append} into the storage. Start at {@link io.narthex.scrape.ScrapeManager}.
 */
@NullMarked
package io.narthex.scrape;

import org.jspecify.annotations.NullMarked;
