/**
 * URLs as configuration files have them, judged in Go's words. Opening connections to them is the
 * clients' work. Start at {@link io.narthex.net.url.Url}.
 */
@NullMarked
package io.narthex.net.url;

import org.jspecify.annotations.NullMarked;
