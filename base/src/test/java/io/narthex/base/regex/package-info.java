@NullMarked
package io.narthex.base.regex;

import org.jspecify.annotations.NullMarked;
