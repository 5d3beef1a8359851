/**
 * For mechanisms whose back end is asked again and again: the turns, the telling of changes, what
 * is counted, and a client for HTTP APIs. What is asked and which labels come of it is the
 * mechanism's. Start at {@link io.narthex.discovery.refresh.Source} and {@link
 * io.narthex.discovery.refresh.Refreshing}.
 */
@NullMarked
package io.narthex.discovery.refresh;

import org.jspecify.annotations.NullMarked;
