package io.narthex.promql.engine.binary;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.VectorMatching;
import io.narthex.promql.ast.VectorMatching.Cardinality;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.LabelIndex;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Merged;
import io.narthex.promql.engine.core.Metadata;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An operator on the values of two vectors whose series meet by their labels.
 *
 * <p>Which series meet is a matter of labels and found once. In the plain case each series meets at
 * most one of the other side, or each of the many side meets one of the one side, and all results
 * have labels of their own: then a result column is computed from two columns when it is asked for,
 * and nothing is held. Everything else is decided step by step over columns in memory, as series
 * that would collide may live at different times: {@link Stepwise}.
 */
final class Join implements Operator {

  private final QueryScope scope;
  private final Binary binary;
  private final Operator left;
  private final Operator right;
  private final int[] leftSeries;
  private final int[] rightSeries;
  private final Labels[] labels;

  private Join(
      QueryScope scope,
      Binary binary,
      Operator left,
      Operator right,
      int[] leftSeries,
      int[] rightSeries,
      Labels[] labels) {
    this.scope = scope;
    this.binary = binary;
    this.left = left;
    this.right = right;
    this.leftSeries = leftSeries;
    this.rightSeries = rightSeries;
    this.labels = labels;
  }

  static Operator create(QueryScope scope, Binary binary, Operator left, Operator right) {
    VectorMatching matching =
        binary.matching() == null ? VectorMatching.DEFAULT : binary.matching();
    boolean swapped = matching.cardinality() == Cardinality.ONE_TO_MANY;
    Matching match =
        new Matching(matching, left, right, scope.context().optimisations().projects());
    ResultLabels results = new ResultLabels(scope, binary, matching);
    Operator plain =
        matching.fillLeft() == null && matching.fillRight() == null
            ? plain(scope, binary, matching, swapped, match, results, left, right)
            : null;
    if (plain != null) {
      return plain;
    }
    return new Stepwise(scope, binary, matching, results, left, right).run();
  }

  private static @Nullable Operator plain(
      QueryScope scope,
      Binary binary,
      VectorMatching matching,
      boolean swapped,
      Matching match,
      ResultLabels results,
      Operator left,
      Operator right) {
    Operator manySide = swapped ? right : left;
    Operator oneSide = swapped ? left : right;
    int[] manyGroups = swapped ? match.right() : match.left();
    int[] oneGroups = swapped ? match.left() : match.right();
    int[] one = new int[match.size()];
    for (int i = 0; i < oneGroups.length; i++) {
      if (one[oneGroups[i]] != 0) {
        return null;
      }
      one[oneGroups[i]] = i + 1;
    }
    boolean oneToOne = matching.cardinality() == Cardinality.ONE_TO_ONE;
    boolean[] taken = new boolean[match.size()];
    LabelIndex index = new LabelIndex();
    int[] many = new int[manyGroups.length];
    int[] ones = new int[manyGroups.length];
    Labels[] labels = new Labels[manyGroups.length];
    int size = 0;
    for (int i = 0; i < manyGroups.length; i++) {
      int group = manyGroups[i];
      if (one[group] == 0) {
        continue;
      }
      if (oneToOne && taken[group]) {
        return null;
      }
      taken[group] = true;
      many[size] = i;
      ones[size] = one[group] - 1;
      labels[size] = results.of(manySide.labels(i), oneSide.labels(ones[size]));
      if (index.number(labels[size]) != size) {
        return null;
      }
      size++;
    }
    int[] manySeries = Arrays.copyOf(many, size);
    int[] oneSeries = Arrays.copyOf(ones, size);
    return new Join(
        scope,
        binary,
        left,
        right,
        swapped ? oneSeries : manySeries,
        swapped ? manySeries : oneSeries,
        labels);
  }

  @Override
  public Grid grid() {
    return left.grid();
  }

  @Override
  public int size() {
    return leftSeries.length;
  }

  @Override
  public Labels labels(int series) {
    return labels[series];
  }

  @Override
  public boolean nameDropped(int series) {
    return scope.delayedNames() && binary.bool();
  }

  @Override
  public boolean distinct() {
    return true;
  }

  @Override
  public Reader reader() {
    return new JoinReader();
  }

  /** Reads pairs; a side that is the same as in the pair before is not read again. */
  private final class JoinReader implements Reader {
    private final Operator.Reader leftReader = left.reader();
    private final Operator.Reader rightReader = right.reader();
    private final Column leftColumn = new Column(grid().count());
    private final Column rightColumn = new Column(grid().count());
    private final ValueOperator operator = new ValueOperator(binary, scope.annotations());
    private int leftRead = -1;
    private int rightRead = -1;

    @Override
    public void read(int series, Column into) {
      if (leftRead != leftSeries[series]) {
        leftRead = leftSeries[series];
        leftReader.read(leftRead, leftColumn);
      }
      if (rightRead != rightSeries[series]) {
        rightRead = rightSeries[series];
        rightReader.read(rightRead, rightColumn);
      }
      operator.apply(leftColumn, rightColumn, false, into);
    }
  }

  /** The labels of the result of two series. */
  static final class ResultLabels {
    private final QueryScope scope;
    private final Binary binary;
    private final VectorMatching matching;
    private final LabelsBuilder builder = new LabelsBuilder();
    private final String[] names;

    ResultLabels(QueryScope scope, Binary binary, VectorMatching matching) {
      this.scope = scope;
      this.binary = binary;
      this.matching = matching;
      this.names = matching.labels().toArray(String[]::new);
    }

    Labels of(Labels many, Labels one) {
      builder.from(many);
      if (ValueOperator.changesMeaning(binary) || (binary.bool() && !scope.delayedNames())) {
        builder.remove(Labels.METRIC_NAME).remove(Metadata.TYPE).remove(Metadata.UNIT);
      }
      if (matching.cardinality() == Cardinality.ONE_TO_ONE) {
        if (matching.on()) {
          builder.keep(names);
        } else {
          for (String name : names) {
            builder.remove(name);
          }
        }
      }
      for (String name : matching.include()) {
        builder.set(name, one.getOrEmpty(name));
      }
      return builder.build();
    }
  }

  /** The general case: everything in memory, one step after the other. */
  private static final class Stepwise {
    private final QueryScope scope;
    private final Binary binary;
    private final VectorMatching matching;
    private final ResultLabels results;
    private final boolean swapped;
    private final Materialized many;
    private final Materialized one;
    private final Matching match;
    private final int[] manyGroups;
    private final int[] oneGroups;
    private final @Nullable Double fillMany;
    private final @Nullable Double fillOne;
    private final ValueOperator operator;
    private final LabelIndex index = new LabelIndex();
    private final List<Column> columns = new ArrayList<>();
    // The number of the result of a pair of series; -1 stands for a filling.
    private final Map<Long, Integer> resultOf = new HashMap<>();
    // By result, the step that it was last computed at.
    private final List<Integer> computedAt = new ArrayList<>();

    Stepwise(
        QueryScope scope,
        Binary binary,
        VectorMatching matching,
        ResultLabels results,
        Operator left,
        Operator right) {
      this.scope = scope;
      this.binary = binary;
      this.matching = matching;
      this.results = results;
      this.swapped = matching.cardinality() == Cardinality.ONE_TO_MANY;
      this.many = Materialized.of(swapped ? right : left, scope.context());
      this.one = Materialized.of(swapped ? left : right, scope.context());
      this.match = new Matching(matching, many, one, scope.context().optimisations().projects());
      this.manyGroups = match.left();
      this.oneGroups = match.right();
      // Upstream fills by what a side is, not by where it stands: right is the one side.
      this.fillMany = matching.fillLeft();
      this.fillOne = matching.fillRight();
      this.operator = new ValueOperator(binary, scope.annotations());
    }

    Operator run() {
      int steps = many.grid().count();
      int[] ones = new int[match.size()];
      for (int step = 0; step < steps; step++) {
        scope.context().check();
        if (findOnes(step, ones)) {
          step(step, ones);
        }
      }
      Materialized result = new Materialized(many.grid(), true);
      for (int i = 0; i < columns.size(); i++) {
        StopSignal.every(i);
        result.add(index.labels(i), scope.delayedNames() && binary.bool(), columns.get(i));
      }
      return Merged.of(result, false);
    }

    /** The series of the one side that are there, by match group and counted from 1. */
    private boolean findOnes(int step, int[] ones) {
      boolean anyMany = anyPresent(many, step);
      boolean anyOne = anyPresent(one, step);
      boolean fills = fillMany != null || fillOne != null;
      if (fills ? !anyMany && !anyOne : !anyMany || !anyOne) {
        return false;
      }
      Arrays.fill(ones, 0);
      for (int i = 0; i < one.size(); i++) {
        StopSignal.every(i);
        if (!one.column(i).present(step)) {
          continue;
        }
        int group = oneGroups[i];
        if (ones[group] != 0) {
          throw duplicates(match.labels(group), one.labels(i), one.labels(ones[group] - 1));
        }
        ones[group] = i + 1;
      }
      return true;
    }

    private QueryException duplicates(Labels group, Labels a, Labels b) {
      boolean inOrder = a.compareTo(b) < 0;
      return QueryException.execution(
          "found duplicate series for the match group "
              + group
              + " on the "
              + (swapped ? "left" : "right")
              + " hand-side of the operation: ["
              + (inOrder ? a : b)
              + ", "
              + (inOrder ? b : a)
              + "];many-to-many matching not allowed: matching labels must be unique on one side");
    }

    private static boolean anyPresent(Materialized side, int step) {
      for (int i = 0; i < side.size(); i++) {
        StopSignal.every(i);
        if (side.column(i).present(step)) {
          return true;
        }
      }
      return false;
    }

    private void step(int step, int[] ones) {
      boolean[] matched = new boolean[match.size()];
      for (int i = 0; i < many.size(); i++) {
        StopSignal.every(i);
        if (!many.column(i).present(step)) {
          continue;
        }
        int group = manyGroups[i];
        if (ones[group] == 0 && fillOne == null) {
          continue;
        }
        compute(step, i, ones[group] - 1, group, matched);
      }
      if (fillMany != null) {
        for (int group = 0; group < ones.length; group++) {
          StopSignal.every(group);
          if (ones[group] != 0 && !matched[group]) {
            compute(step, -1, ones[group] - 1, group, matched);
          }
        }
      }
    }

    private void compute(int step, int manyOne, int oneOne, int group, boolean[] matched) {
      Column manyColumn = manyOne < 0 ? filled(fillMany) : at(many.column(manyOne), step);
      Column oneColumn = oneOne < 0 ? filled(fillOne) : at(one.column(oneOne), step);
      Column value = new Column(1);
      if (swapped) {
        operator.applyStep(oneColumn, manyColumn, 0, false, value);
      } else {
        operator.applyStep(manyColumn, oneColumn, 0, false, value);
      }
      int number = result(manyOne, oneOne, group);
      boolean oneToOne = matching.cardinality() == Cardinality.ONE_TO_ONE;
      if (oneToOne && matched[group]) {
        throw QueryException.execution(
            "multiple matches for labels: many-to-one matching must be explicit"
                + " (group_left/group_right)");
      }
      if (computedAt.get(number) == step) {
        throw oneToOne
            ? QueryException.sameLabels()
            : QueryException.execution(
                "multiple matches for labels: grouping labels must ensure unique matches");
      }
      matched[group] = true;
      computedAt.set(number, step);
      columns.get(number).copyStep(step, value, 0);
    }

    private static Column at(Column column, int step) {
      Column one = new Column(1);
      one.copyStep(0, column, step);
      return one;
    }

    private static Column filled(@Nullable Double fill) {
      Column one = new Column(1);
      one.set(0, fill == null ? Column.ABSENT : fill);
      return one;
    }

    private int result(int manyOne, int oneOne, int group) {
      return resultOf.computeIfAbsent(
          ((long) manyOne << 32) | (oneOne & 0xffffffffL),
          pair -> {
            Labels common = match.labels(group);
            int number =
                index.number(
                    results.of(
                        manyOne < 0 ? common : many.labels(manyOne),
                        oneOne < 0 ? common : one.labels(oneOne)));
            if (number == columns.size()) {
              scope.context().take(Column.bytes(many.grid().count()));
              columns.add(new Column(many.grid().count()));
              computedAt.add(-1);
            }
            return number;
          });
    }
  }
}
