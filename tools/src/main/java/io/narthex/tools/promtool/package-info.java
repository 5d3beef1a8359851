/**
 * The program {@code promtool}: its commands, with upstream's flags, output forms and exit codes.
 * What is not there yet is refused by name. Start at {@link io.narthex.tools.promtool.Promtool}.
 */
@NullMarked
package io.narthex.tools.promtool;

import org.jspecify.annotations.NullMarked;
