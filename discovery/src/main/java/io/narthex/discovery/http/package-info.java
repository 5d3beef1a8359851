/**
 * Discovery of a list of targets behind a URL: so far its configuration alone, which is read,
 * checked and printed whole. Start at {@link io.narthex.discovery.http.HttpConfig}.
 */
@NullMarked
package io.narthex.discovery.http;

import org.jspecify.annotations.NullMarked;
