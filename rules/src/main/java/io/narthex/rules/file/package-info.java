/**
 * Rule files: read, checked, and told what is wrong with them in upstream's words, with line and
 * column. Evaluating rules does not live here. Start at {@link io.narthex.rules.file.RuleFile}.
 */
@NullMarked
package io.narthex.rules.file;

import org.jspecify.annotations.NullMarked;
