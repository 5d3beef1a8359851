@NullMarked
package io.narthex.promql.parser;

import org.jspecify.annotations.NullMarked;
