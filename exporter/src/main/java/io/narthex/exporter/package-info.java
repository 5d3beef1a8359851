/**
 * The metrics of this machine, as node_exporter gives them: the HTTP side, the flags, and one page
 * per scrape. What is measured lives in {@link io.narthex.exporter.collector}. Start at {@link
 * io.narthex.exporter.NodeMetrics}.
 */
@NullMarked
package io.narthex.exporter;

import org.jspecify.annotations.NullMarked;
