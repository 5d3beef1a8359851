/**
 * The small HTTP client that scrapes: one blocking connection per target, kept alive, on a virtual
 * thread; HTTP/1.1, or HTTP/2 where TLS has agreed on it; GET only; bodies go into pooled buffers.
 * It shares its configuration with the general client. Nothing here knows what a page means. Start
 * at {@link io.narthex.net.scrape.ScrapeClient}.
 */
@NullMarked
package io.narthex.net.scrape;

import org.jspecify.annotations.NullMarked;
