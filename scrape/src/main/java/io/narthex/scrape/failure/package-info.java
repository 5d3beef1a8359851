/**
 * The files in which jobs note their failed scrapes, and the lines in them. When a scrape has
 * failed is decided elsewhere. Start at {@link io.narthex.scrape.failure.FailureLogs}.
 */
@NullMarked
package io.narthex.scrape.failure;

import org.jspecify.annotations.NullMarked;
