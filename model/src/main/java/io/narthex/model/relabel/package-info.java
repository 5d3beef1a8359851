/**
 * Relabelling: rules that rewrite, keep or drop label sets, used for targets, scraped series,
 * alerts and remote write alike. The rules' records read themselves from configuration files and
 * print themselves; who applies them to what is not known here. Start at {@link
 * io.narthex.model.relabel.Relabelling}.
 */
@NullMarked
package io.narthex.model.relabel;

import org.jspecify.annotations.NullMarked;
