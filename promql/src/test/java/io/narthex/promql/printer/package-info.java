@NullMarked
package io.narthex.promql.printer;

import org.jspecify.annotations.NullMarked;
