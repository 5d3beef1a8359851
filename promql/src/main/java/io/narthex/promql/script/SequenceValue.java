package io.narthex.promql.script;

import io.narthex.base.bytes.GoFloat;
import io.narthex.model.histogram.FloatHistogram;
import org.jspecify.annotations.Nullable;

/**
 * One value of a series in a script.
 *
 * @param omitted whether there is none
 * @param histogram in place of the float, or null
 * @param hinted whether the histogram says how it was counted, so that it is checked
 */
record SequenceValue(
    boolean omitted, double value, @Nullable FloatHistogram histogram, boolean hinted) {

  static final SequenceValue OMITTED = new SequenceValue(true, 0, null, false);

  static SequenceValue of(double value) {
    return new SequenceValue(false, value, null, false);
  }

  static SequenceValue of(FloatHistogram histogram, boolean hinted) {
    return new SequenceValue(false, 0, histogram, hinted);
  }

  @Override
  public String toString() {
    if (omitted) {
      return "_";
    }
    return histogram == null ? GoFloat.text(value) : histogram.toString();
  }
}
