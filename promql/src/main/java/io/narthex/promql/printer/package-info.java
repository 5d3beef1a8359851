/**
 * From syntax tree to text: the canonical form on one line, and the form for people that breaks
 * long expressions. Parsing either gives the same tree again. Start at {@link
 * io.narthex.promql.printer.Printer}.
 */
@NullMarked
package io.narthex.promql.printer;

import org.jspecify.annotations.NullMarked;
