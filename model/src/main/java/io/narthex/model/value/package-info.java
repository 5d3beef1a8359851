/**
 * What the bits of a value mean beside its number: today the one NaN that ends a series. Samples
 * and histograms, which both carry values, are rooms of their own. Start with {@link
 * io.narthex.model.value.StaleMarker}.
 */
@NullMarked
package io.narthex.model.value;

import org.jspecify.annotations.NullMarked;
