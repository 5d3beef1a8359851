package io.narthex.api.v1;

import io.narthex.net.http.Parameters;

/**
 * The moments of a range query.
 *
 * @param start milliseconds since the epoch
 * @param end not before the start
 * @param step milliseconds; positive
 */
record RangeTimes(long start, long end, long step) {

  private static final int MOST_POINTS = 11_000;

  /** Reads the parameters {@code start}, {@code end} and {@code step}. */
  static RangeTimes of(Parameters form) throws ApiException {
    long start = Times.required(form, "start");
    long end = Times.required(form, "end");
    if (end < start) {
      throw ApiException.invalid("end", "end timestamp must not be before start time");
    }
    long step = Times.requiredNanos(form, "step");
    if (step <= 0) {
      throw ApiException.invalid(
          "step",
          "zero or negative query resolution step widths are not accepted."
              + " Try a positive integer");
    }
    if (Math.floor(((double) end - start) * 1e6 / step) > MOST_POINTS) {
      throw ApiException.badData(
          "exceeded maximum resolution of 11,000 points per timeseries."
              + " Try decreasing the query resolution (?step=XX)");
    }
    return new RangeTimes(start, end, Math.max(1, step / 1_000_000));
  }
}
