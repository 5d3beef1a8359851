/**
 * From text to syntax tree: lexer, parser, the table of functions, the checks of types, and the
 * errors, worded and placed as upstream words and places them. Nothing here evaluates. Start at
 * {@link io.narthex.promql.parser.Parser}; {@code ExprParser} holds the grammar.
 */
@NullMarked
package io.narthex.promql.parser;

import org.jspecify.annotations.NullMarked;
