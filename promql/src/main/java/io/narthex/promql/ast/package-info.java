/**
 * The syntax tree of the query language: immutable records that say what was written, each with its
 * place in the text. The parser makes them, the printer and the engine read them; nothing here
 * computes. Start at {@link io.narthex.promql.ast.Expr}.
 */
@NullMarked
package io.narthex.promql.ast;

import org.jspecify.annotations.NullMarked;
