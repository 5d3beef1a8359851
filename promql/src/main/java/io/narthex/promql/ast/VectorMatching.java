package io.narthex.promql.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the series of two vectors meet.
 *
 * @param cardinality how many series of each side may meet
 * @param on whether {@code labels} are those that must be equal (or those that are ignored)
 * @param labels the labels of {@code on} or {@code ignoring}
 * @param include the labels of {@code group_left} or {@code group_right}
 * @param fillLeft the value that stands for a missing series on the left, or null
 * @param fillRight the value that stands for a missing series on the right, or null
 */
public record VectorMatching(
    Cardinality cardinality,
    boolean on,
    List<String> labels,
    List<String> include,
    @Nullable Double fillLeft,
    @Nullable Double fillRight) {

  /** How many series of each side may meet. */
  public enum Cardinality {
    ONE_TO_ONE("one-to-one"),
    MANY_TO_ONE("many-to-one"),
    ONE_TO_MANY("one-to-many"),
    MANY_TO_MANY("many-to-many");

    private final String text;

    Cardinality(String text) {
      this.text = text;
    }

    /** The name in the API and in messages. */
    public String text() {
      return text;
    }
  }

  /** The matching of two vectors where nothing is written: all labels, one to one. */
  public static final VectorMatching DEFAULT =
      new VectorMatching(Cardinality.ONE_TO_ONE, false, List.of(), List.of(), null, null);
}
