package io.narthex.promql.engine.core;

import io.narthex.model.labels.Labels;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes one series of those with equal labels. Dropping the metric's name and rewriting labels can
 * make labels equal; as long as the series hold values at different steps they are one series, and
 * otherwise the query is wrong.
 */
public final class Merged implements Operator {

  private final Operator input;
  private final boolean strict;
  private final int[][] members;
  private final boolean[] dropped;

  private Merged(Operator input, boolean strict, int[][] members, boolean[] dropped) {
    this.input = input;
    this.strict = strict;
    this.members = members;
    this.dropped = dropped;
  }

  /**
   * The input itself where its labels differ, else its series merged.
   *
   * @param strict whether two series with equal labels and any values at all are an error already
   */
  public static Operator of(Operator input, boolean strict) {
    if (input.distinct() || input.size() < 2) {
      return input;
    }
    LabelIndex index = new LabelIndex();
    int[] numbers = new int[input.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = index.number(input.labels(i));
    }
    if (index.size() == numbers.length) {
      return new Distinct(input);
    }
    List<List<Integer>> members = new ArrayList<>();
    for (int i = 0; i < index.size(); i++) {
      StopSignal.every(i);
      members.add(new ArrayList<>());
    }
    boolean[] dropped = new boolean[index.size()];
    for (int i = 0; i < numbers.length; i++) {
      StopSignal.every(i);
      members.get(numbers[i]).add(i);
      dropped[numbers[i]] |= input.nameDropped(i);
    }
    int[][] flat =
        members.stream()
            .map(m -> m.stream().mapToInt(Integer::intValue).toArray())
            .toArray(int[][]::new);
    return new Merged(input, strict, flat, dropped);
  }

  @Override
  public Grid grid() {
    return input.grid();
  }

  @Override
  public int size() {
    return members.length;
  }

  @Override
  public Labels labels(int series) {
    return input.labels(members[series][0]);
  }

  @Override
  public boolean nameDropped(int series) {
    return dropped[series];
  }

  @Override
  public boolean distinct() {
    return true;
  }

  @Override
  public Reader reader() {
    Operator.Reader reader = input.reader();
    Column other = new Column(grid().count());
    return (series, into) -> {
      int[] all = members[series];
      reader.read(all[0], into);
      boolean seen = all.length > 1 && !into.isEmpty();
      for (int m = 1; m < all.length; m++) {
        reader.read(all[m], other);
        boolean empty = true;
        for (int i = 0; i < other.steps(); i++) {
          if (other.present(i)) {
            empty = false;
            if (into.present(i)) {
              throw QueryException.sameLabels();
            }
            into.copyStep(i, other, i);
          }
        }
        if (strict && seen && !empty) {
          throw QueryException.sameLabels();
        }
        seen |= !empty;
      }
    };
  }

  /** An input whose labels were found to differ. */
  private record Distinct(Operator input) implements Operator {
    @Override
    public Grid grid() {
      return input.grid();
    }

    @Override
    public int size() {
      return input.size();
    }

    @Override
    public Labels labels(int series) {
      return input.labels(series);
    }

    @Override
    public Labels labels(int series, LabelProjection needed) {
      return input.labels(series, needed);
    }

    @Override
    public boolean nameDropped(int series) {
      return input.nameDropped(series);
    }

    @Override
    public boolean distinct() {
      return true;
    }

    @Override
    public Reader reader() {
      return input.reader();
    }
  }

  @Override
  public String toString() {
    return "Merged" + Arrays.deepToString(members);
  }
}
