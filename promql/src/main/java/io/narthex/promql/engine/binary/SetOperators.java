package io.narthex.promql.engine.binary;

import io.narthex.model.labels.Labels;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.BinaryOperator;
import io.narthex.promql.ast.VectorMatching;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.ColumnScan;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Merged;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryContext;
import io.narthex.promql.engine.core.QueryScope;
import org.jspecify.annotations.Nullable;

/** {@code and}, {@code or} and {@code unless}. */
final class SetOperators {

  private SetOperators() {}

  static Operator create(QueryScope scope, Binary binary, Operator left, Operator right) {
    VectorMatching matching =
        binary.matching() == null ? VectorMatching.DEFAULT : binary.matching();
    if (binary.operator() == BinaryOperator.OR) {
      Operator kept = Materialized.of(left, scope.context());
      Matching match =
          new Matching(matching, kept, right, scope.context().optimisations().projects());
      boolean[][] present =
          presence(scope.context(), kept, match.left(), match.right(), match.size());
      Operator rest = new Masked(right, match.right(), present, false);
      return Merged.of(new Union(kept, rest), false);
    }
    Matching match =
        new Matching(matching, left, right, scope.context().optimisations().projects());
    boolean[][] present =
        presence(scope.context(), right, match.right(), match.left(), match.size());
    return new Masked(left, match.left(), present, binary.operator() == BinaryOperator.AND);
  }

  /**
   * The steps at which each match group has any series of one side; null for groups that the other
   * side has none of, which nobody asks for, and for those without series.
   */
  private static boolean[][] presence(
      QueryContext context, Operator side, int[] groups, int[] asking, int size) {
    boolean[] asked = new boolean[size];
    for (int group : asking) {
      asked[group] = true;
    }
    boolean[][] present = new boolean[size][];
    int steps = side.grid().count();
    ColumnScan.run(
        side,
        context,
        (series, column) -> {
          int group = groups[series];
          if (!asked[group]) {
            return;
          }
          boolean[] at = present[group];
          if (at == null) {
            at = new boolean[steps];
            present[group] = at;
          }
          for (int i = 0; i < steps; i++) {
            at[i] |= column.present(i);
          }
        });
    return present;
  }

  /** A side without the steps at which its match group is, or is not, on the other side. */
  private static final class Masked implements Operator {
    private final Operator input;
    private final int[] groups;
    private final boolean[][] present;
    private final boolean wanted;

    Masked(Operator input, int[] groups, boolean[][] present, boolean wanted) {
      this.input = input;
      this.groups = groups;
      this.present = present;
      this.wanted = wanted;
    }

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
    public boolean nameDropped(int series) {
      return input.nameDropped(series);
    }

    @Override
    public boolean distinct() {
      return input.distinct();
    }

    @Override
    public boolean distinctWithoutName() {
      return input.distinctWithoutName();
    }

    @Override
    public Reader reader() {
      Operator.Reader reader = input.reader();
      return (series, into) -> {
        boolean @Nullable [] at = present[groups[series]];
        if (at == null && wanted) {
          into.clear();
          return;
        }
        reader.read(series, into);
        if (at != null) {
          mask(at, wanted, into);
        }
      };
    }

    private static void mask(boolean[] at, boolean wanted, Column into) {
      for (int i = 0; i < at.length; i++) {
        if (at[i] != wanted) {
          into.remove(i);
        }
      }
    }
  }

  /** The series of both sides. */
  private record Union(Operator left, Operator right) implements Operator {

    @Override
    public Grid grid() {
      return left.grid();
    }

    @Override
    public int size() {
      return left.size() + right.size();
    }

    @Override
    public Labels labels(int series) {
      return series < left.size() ? left.labels(series) : right.labels(series - left.size());
    }

    @Override
    public boolean nameDropped(int series) {
      return series < left.size()
          ? left.nameDropped(series)
          : right.nameDropped(series - left.size());
    }

    @Override
    public boolean distinct() {
      return false;
    }

    @Override
    public Reader reader() {
      Operator.Reader first = left.reader();
      Operator.Reader second = right.reader();
      return (series, into) -> {
        if (series < left.size()) {
          first.read(series, into);
        } else {
          second.read(series - left.size(), into);
        }
      };
    }
  }
}
