@NullMarked
package io.narthex.tsdb;

import org.jspecify.annotations.NullMarked;
