package io.narthex.promql.engine.function;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.ColumnScan;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryScope;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code absent} and {@code absent_over_time}: 1 at the steps where there is no series at all. */
final class Absence {

  private Absence() {}

  /**
   * @param argument the expression that is absent or not; a selector gives the result its labels
   */
  static Operator create(QueryScope scope, Operator input, Expr argument) {
    Column column = new Column(input.grid().count());
    boolean[] present = new boolean[column.steps()];
    ColumnScan.run(
        input,
        scope.context(),
        (series, values) -> {
          for (int i = 0; i < present.length; i++) {
            present[i] |= values.present(i);
          }
        });
    for (int i = 0; i < present.length; i++) {
      if (!present[i]) {
        column.set(i, 1);
      }
    }
    Materialized result = new Materialized(input.grid(), true);
    if (!column.isEmpty()) {
      result.add(labels(argument), false, column);
    }
    return result;
  }

  /** The labels that a selector asks for by name, once and exactly. */
  private static Labels labels(Expr argument) {
    List<Matcher> matchers =
        switch (argument) {
          case VectorSelector s -> s.matchers();
          case MatrixSelector m -> m.selector().matchers();
          default -> List.of();
        };
    LabelsBuilder builder = new LabelsBuilder();
    Set<String> seen = new HashSet<>();
    for (Matcher m : matchers) {
      if (m.name().equals(Labels.METRIC_NAME)) {
        continue;
      }
      if (m.type() == Matcher.Type.EQUAL && seen.add(m.name())) {
        builder.set(m.name(), m.value());
      } else {
        builder.remove(m.name());
      }
    }
    return builder.build();
  }
}
