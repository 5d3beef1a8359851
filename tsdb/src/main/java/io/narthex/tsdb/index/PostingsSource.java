package io.narthex.tsdb.index;

import java.util.function.Predicate;
import org.roaringbitmap.RoaringBitmap;

/**
 * Says which series carry a label. Series are numbers of 32 bits, unsigned. Thread-safe; the
 * bitmaps belong to the caller, who may change them.
 */
public interface PostingsSource {

  /** All series. */
  RoaringBitmap allSeries();

  /** The series that have a label, whatever its value. */
  RoaringBitmap series(String name);

  /** The series whose label has a value; the value is not empty. */
  RoaringBitmap series(String name, String value);

  /** The series whose label has one of some values, none of which is empty. */
  RoaringBitmap series(String name, Iterable<String> values);

  /**
   * The series that have a label with a value that is accepted; each value is asked about once.
   *
   * @param prefix only values that begin with it are asked about
   */
  RoaringBitmap seriesMatching(String name, String prefix, Predicate<String> accepts);

  /** How many series have a label with a value; how many there are if both are empty. */
  long count(String name, String value);

  /** Keeps of a set only the series whose label has a value, which is not empty. */
  void retain(RoaringBitmap series, String name, String value);

  /**
   * Keeps of a set only the series whose label has a value that is accepted, by asking each series
   * for its value; the empty text stands for a label that is absent. Worth it where the set is
   * small beside all series.
   */
  void filter(RoaringBitmap series, String name, Predicate<String> accepts);
}
