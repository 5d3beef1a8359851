/**
 * {@code promtool check}: configurations, rules, discovery, metrics, web configurations and running
 * servers, with upstream's words and exit codes: 0 for right, 1 for wrong, 3 for what only lint
 * minds. What is right is said on the output, what is wrong on the error output, as upstream mixes
 * them. Start at {@link io.narthex.tools.check.CheckCommands}.
 */
@NullMarked
package io.narthex.tools.check;

import org.jspecify.annotations.NullMarked;
