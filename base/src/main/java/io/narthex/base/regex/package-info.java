/**
 * RE2 regular expressions, anchored at both ends as the whole field uses them. Most of those that
 * people write are words, lists of words, prefixes; these are matched as what they are. The rest
 * runs on an automaton, and re2j, the reference for syntax and meaning, takes what is left.
 * java.util.regex has no place here: other syntax, exponential time. Start at {@link
 * io.narthex.base.regex.AnchoredRegex}.
 */
@NullMarked
package io.narthex.base.regex;

import org.jspecify.annotations.NullMarked;
