/**
 * From the bytes of a page to samples in an appender: known lines by the cache, unknown ones
 * through labels, relabelling and limits. It knows neither HTTP nor when to scrape. Start at {@link
 * io.narthex.scrape.append.PageAppender}.
 */
@NullMarked
package io.narthex.scrape.append;

import org.jspecify.annotations.NullMarked;
