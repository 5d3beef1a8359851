@NullMarked
package io.narthex.tsdb.compact;

import org.jspecify.annotations.NullMarked;
