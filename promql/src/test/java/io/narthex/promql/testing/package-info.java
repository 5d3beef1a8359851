/** What the tests of the language share. */
@NullMarked
package io.narthex.promql.testing;

import org.jspecify.annotations.NullMarked;
