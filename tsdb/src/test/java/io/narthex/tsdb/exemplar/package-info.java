@NullMarked
package io.narthex.tsdb.exemplar;

import org.jspecify.annotations.NullMarked;
