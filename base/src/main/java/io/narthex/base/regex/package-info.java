/**
 * RE2 regular expressions, anchored at both ends as the whole field uses them, behind fast paths
 * for the common shapes. java.util.regex has no place here: other syntax, exponential time. Start
 * at {@link io.narthex.base.regex.AnchoredRegex}.
 */
@NullMarked
package io.narthex.base.regex;

import org.jspecify.annotations.NullMarked;
