@NullMarked
package io.narthex.tsdb.head;

import org.jspecify.annotations.NullMarked;
