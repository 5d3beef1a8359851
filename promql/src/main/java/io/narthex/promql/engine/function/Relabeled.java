package io.narthex.promql.engine.function;

import io.narthex.base.regex.CapturingRegex;
import io.narthex.base.regex.RegexException;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.Merged;
import io.narthex.promql.engine.core.Metadata;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.storage.StopSignal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code label_replace} and {@code label_join}: the same columns under other labels. */
final class Relabeled implements Operator {

  /** A rule for labels; null where it does not apply. */
  private interface Relabel {
    @Nullable Labels apply(Labels labels);
  }

  private final Operator input;
  private final boolean setsName;
  private final Labels[] labels;
  private final boolean[] changed;

  private Relabeled(Operator input, boolean setsName, Relabel relabel) {
    this.input = input;
    this.setsName = setsName;
    labels = new Labels[input.size()];
    changed = new boolean[input.size()];
    for (int i = 0; i < labels.length; i++) {
      StopSignal.every(i);
      Labels before = input.labels(i);
      Labels after = relabel.apply(before);
      labels[i] = after == null ? before : after;
      changed[i] = after != null;
    }
  }

  static Operator replace(
      Operator input, String target, String template, String source, String expression) {
    CapturingRegex regex;
    try {
      regex = CapturingRegex.compile(expression);
    } catch (RegexException e) {
      throw QueryException.execution(
          "invalid regular expression in label_replace(): " + expression);
    }
    if (!Metadata.isLabelName(target)) {
      throw QueryException.execution(
          "invalid destination label name in label_replace(): " + target);
    }
    LabelsBuilder builder = new LabelsBuilder();
    return create(
        input,
        target,
        labels -> {
          CapturingRegex.Captures captures = regex.match(labels.getOrEmpty(source));
          return captures == null
              ? null
              : builder.from(labels).set(target, captures.expand(template)).build();
        });
  }

  static Operator join(Operator input, String target, String separator, List<String> sources) {
    for (String source : sources) {
      if (!Metadata.isLabelName(source)) {
        throw QueryException.execution("invalid source label name in label_join(): " + source);
      }
    }
    if (!Metadata.isLabelName(target)) {
      throw QueryException.execution("invalid destination label name in label_join(): " + target);
    }
    LabelsBuilder builder = new LabelsBuilder();
    return create(
        input,
        target,
        labels ->
            builder
                .from(labels)
                .set(
                    target,
                    String.join(separator, sources.stream().map(labels::getOrEmpty).toList()))
                .build());
  }

  private static Operator create(Operator input, String target, Relabel relabel) {
    return Merged.of(new Relabeled(input, target.equals(Labels.METRIC_NAME), relabel), false);
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
    return labels[series];
  }

  @Override
  public boolean nameDropped(int series) {
    return input.nameDropped(series) && !(setsName && changed[series]);
  }

  @Override
  public boolean distinct() {
    return false;
  }

  @Override
  public Reader reader() {
    return input.reader();
  }
}
