/**
 * Native histograms: one sample that holds the counts of many buckets. Start at {@link
 * io.narthex.model.histogram.FloatHistogram}.
 */
@NullMarked
package io.narthex.model.histogram;

import org.jspecify.annotations.NullMarked;
