/**
 * What mechanisms count, under upstream's names; the manager's own figures stand beside the
 * manager. Each group of figures is registered once for a server, used or not. Start at {@link
 * io.narthex.discovery.metrics.RefreshMetrics}.
 */
@NullMarked
package io.narthex.discovery.metrics;

import org.jspecify.annotations.NullMarked;
