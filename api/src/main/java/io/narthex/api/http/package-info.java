/**
 * What every handler of the API is wrapped in: its counters, and the gate that is shut until the
 * server is ready. No endpoint lives here. Start at {@link io.narthex.api.http.HttpMetrics}.
 */
@NullMarked
package io.narthex.api.http;

import org.jspecify.annotations.NullMarked;
