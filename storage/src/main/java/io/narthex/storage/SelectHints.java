package io.narthex.storage;

import java.util.List;

/**
 * What a reader is going to do with the series it selects. All of it may be ignored.
 *
 * @param minTime the first millisecond that will be read
 * @param maxTime the last millisecond that will be read, inclusive
 * @param stepMillis the query's step, 0 for an instant query
 * @param rangeMillis the width of a range selector, 0 for an instant selector
 * @param function the function or aggregation around the selector, or the empty text
 * @param grouping the labels that the aggregation around the selector groups by
 * @param by whether {@code grouping} names the labels that are kept (or those dropped)
 */
public record SelectHints(
    long minTime,
    long maxTime,
    long stepMillis,
    long rangeMillis,
    String function,
    List<String> grouping,
    boolean by) {

  /** Hints that say no more than the range. */
  public static SelectHints range(long minTime, long maxTime) {
    return new SelectHints(minTime, maxTime, 0, 0, "", List.of(), false);
  }
}
