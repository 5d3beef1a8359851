/**
 * The scraping sections of a configuration file: a job, and what the global section gives every
 * job. Records with all keys resolved, so that nobody behind them asks for defaults again; they
 * read, check and print themselves. Start at {@link io.narthex.scrape.config.ScrapeConfig}.
 */
@NullMarked
package io.narthex.scrape.config;

import org.jspecify.annotations.NullMarked;
