/**
 * One class per collector of node_exporter: it reads files below /proc and /sys (or asks the
 * kernel) and writes families to a {@link io.narthex.exporter.collector.Page}. Names, types, help
 * and labels are node_exporter's. Start at {@link io.narthex.exporter.collector.Collectors}.
 */
@NullMarked
package io.narthex.exporter.collector;

import org.jspecify.annotations.NullMarked;
