/**
 * Native histograms: one sample that holds the counts of many buckets. Start at {@link
 * io.narthex.model.histogram.FloatHistogram}, the form to compute with; {@link
 * io.narthex.model.histogram.SpanHistogram} is the form that is stored and sent.
 */
@NullMarked
package io.narthex.model.histogram;

import org.jspecify.annotations.NullMarked;
