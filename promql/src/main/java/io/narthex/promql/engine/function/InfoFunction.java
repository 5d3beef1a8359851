package io.narthex.promql.engine.function;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.LabelIndex;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.QueryScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * {@code info}: adds to each series the labels of the info metrics of the same target, that is with
 * equal labels {@code instance} and {@code job}. Of several info series of one metric the newest
 * sample counts.
 */
public final class InfoFunction {

  private static final List<String> IDENTIFYING = List.of("instance", "job");
  private static final LabelProjection IDENTITY = LabelProjection.keeping(IDENTIFYING);

  private final QueryScope scope;
  private final Materialized base;
  private final List<Matcher> nameMatchers;
  // By label, without the metric's name.
  private final Map<String, List<Matcher>> dataMatchers = new LinkedHashMap<>();
  private final List<Matcher> selector;

  private InfoFunction(QueryScope scope, Operator base, List<Matcher> selector) {
    this.scope = scope;
    this.base = Materialized.of(base, scope.context());
    List<Matcher> names =
        selector.stream().filter(m -> m.name().equals(Labels.METRIC_NAME)).toList();
    List<Matcher> all = new ArrayList<>(selector);
    List<Matcher> nameMatchers = new ArrayList<>(names);
    boolean positive =
        names.stream()
            .anyMatch(m -> m.type() == Matcher.Type.EQUAL || m.type() == Matcher.Type.REGEX);
    if (!positive) {
      // Without a name it is target_info; names that are only excluded are those of info metrics.
      Matcher implied =
          names.isEmpty()
              ? Matcher.equal(Labels.METRIC_NAME, "target_info")
              : new Matcher(Matcher.Type.REGEX, Labels.METRIC_NAME, ".+_info");
      nameMatchers.add(implied);
      all.addFirst(implied);
    }
    this.nameMatchers = nameMatchers;
    this.selector = all;
    for (Matcher m : selector) {
      if (!m.name().equals(Labels.METRIC_NAME)) {
        dataMatchers.computeIfAbsent(m.name(), n -> new ArrayList<>()).add(m);
      }
    }
  }

  /**
   * Evaluates a call.
   *
   * @param base the series to add labels to
   * @param selector which info series and which of their labels count; empty for all of target_info
   * @param select plans a selection whose values are the samples' times, at the times that the
   *     base's samples are looked up at
   */
  public static Operator evaluate(
      QueryScope scope,
      Operator base,
      List<Matcher> selector,
      Function<List<Matcher>, Operator> select) {
    InfoFunction function = new InfoFunction(scope, base, selector);
    List<Matcher> matchers = function.infoMatchers();
    Materialized infos =
        matchers.isEmpty()
            ? new Materialized(base.grid(), true)
            : Materialized.of(select.apply(matchers), scope.context());
    return function.combine(infos);
  }

  /** Info metrics themselves are not added to. */
  private boolean isInfo(Labels labels) {
    String name = labels.metricName();
    return nameMatchers.stream().allMatch(m -> m.matches(name));
  }

  /** Selects the info series of all targets of the base; empty if it has no targets. */
  private List<Matcher> infoMatchers() {
    Map<String, TreeSet<String>> values = new LinkedHashMap<>();
    for (int i = 0; i < base.size(); i++) {
      scope.context().check();
      Labels labels = base.labels(i);
      if (isInfo(labels)) {
        continue;
      }
      for (String name : IDENTIFYING) {
        String value = labels.get(name);
        if (value != null) {
          values.computeIfAbsent(name, n -> new TreeSet<>()).add(value);
        }
      }
    }
    if (values.isEmpty()) {
      return List.of();
    }
    List<Matcher> matchers = new ArrayList<>();
    values.forEach((name, set) ->
        matchers.add(
            new Matcher(
                Matcher.Type.REGEX,
                name,
                set.stream().map(InfoFunction::quoted).collect(Collectors.joining("|")))));
    matchers.addAll(selector);
    return matchers;
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ("\\.+*?()|[]{}^$".indexOf(c) >= 0) {
        out.append('\\');
      }
      out.append(c);
    }
    return out.toString();
  }

  private Operator combine(Materialized infos) {
    // By target, the info series of each info metric.
    LabelIndex targets = new LabelIndex();
    Map<Integer, Map<String, List<Integer>>> byTarget = new HashMap<>();
    for (int i = 0; i < infos.size(); i++) {
      Labels labels = infos.labels(i);
      byTarget
          .computeIfAbsent(targets.number(IDENTITY.apply(labels)), t -> new LinkedHashMap<>())
          .computeIfAbsent(labels.metricName(), n -> new ArrayList<>())
          .add(i);
    }
    boolean needsInfo =
        dataMatchers.values().stream().flatMap(List::stream).anyMatch(m -> !m.matchesEmpty());
    LabelIndex index = new LabelIndex();
    List<Column> columns = new ArrayList<>();
    List<Boolean> dropped = new ArrayList<>();
    for (int i = 0; i < base.size(); i++) {
      scope.context().check();
      Labels labels = base.labels(i);
      Column column = base.column(i);
      List<List<Integer>> candidates =
          isInfo(labels)
              ? null
              : new ArrayList<>(
                  byTarget.getOrDefault(targets.number(IDENTITY.apply(labels)), Map.of()).values());
      int[] chosen = null;
      int number = -1;
      for (int step = 0; step < column.steps(); step++) {
        if (!column.present(step)) {
          continue;
        }
        int[] now = choose(infos, candidates == null ? List.of() : candidates, step);
        boolean none = Arrays.stream(now).allMatch(c -> c < 0);
        if (candidates != null && none && needsInfo) {
          continue;
        }
        if (chosen == null || !Arrays.equals(chosen, now)) {
          chosen = now;
          number = index.number(enriched(labels, infos, now));
          if (number == columns.size()) {
            scope.context().take(Column.bytes(column.steps()));
            columns.add(new Column(column.steps()));
            dropped.add(false);
          }
        }
        if (columns.get(number).present(step)) {
          throw QueryException.sameLabels();
        }
        columns.get(number).copyStep(step, column, step);
        dropped.set(number, dropped.get(number) || base.nameDropped(i));
      }
    }
    Materialized result = new Materialized(base.grid(), true);
    for (int i = 0; i < columns.size(); i++) {
      result.add(index.labels(i), dropped.get(i), columns.get(i));
    }
    return result;
  }

  /** By info metric, the series whose sample is the newest at a step; -1 for none. */
  private static int[] choose(Materialized infos, List<List<Integer>> candidates, int step) {
    int[] chosen = new int[candidates.size()];
    for (int c = 0; c < chosen.length; c++) {
      chosen[c] = -1;
      for (int series : candidates.get(c)) {
        double time = infos.column(series).values()[step];
        if (Column.isAbsent(time)) {
          continue;
        }
        if (chosen[c] >= 0) {
          double known = infos.column(chosen[c]).values()[step];
          if (known == time) {
            long millis = Math.round(time * 1000);
            throw QueryException.execution(
                "found duplicate series for info metric: existing "
                    + infos.labels(chosen[c])
                    + " @ "
                    + millis
                    + ", new "
                    + infos.labels(series)
                    + " @ "
                    + millis);
          }
          if (known > time) {
            continue;
          }
        }
        chosen[c] = series;
      }
    }
    return chosen;
  }

  private Labels enriched(Labels labels, Materialized infos, int[] chosen) {
    LabelsBuilder builder = new LabelsBuilder().from(labels);
    Map<String, String> added = new HashMap<>();
    for (int series : chosen) {
      if (series < 0) {
        continue;
      }
      infos
          .labels(series)
          .forEach((name, value) -> {
            if (name.equals(Labels.METRIC_NAME)
                || (!dataMatchers.isEmpty() && !dataMatchers.containsKey(name))) {
              return;
            }
            String known = added.get(name);
            if (known != null && !known.equals(value)) {
              throw QueryException.execution("conflicting label: " + name);
            }
            if (!labels.has(name)) {
              added.put(name, value);
              builder.set(name, value);
            }
          });
    }
    return builder.build();
  }
}
