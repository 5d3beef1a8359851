package io.narthex.rules.file;

import io.narthex.base.yaml.YamlValue;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A rule as it was read, before its parts are checked against each other. */
record RuleDraft(
    String place,
    Place recordPlace,
    Place alertPlace,
    Place exprPlace,
    String record,
    String alert,
    String expr,
    Duration holdFor,
    Duration keepFiringFor,
    Map<String, String> labels,
    Map<String, String> annotations) {

  private static final String METRIC_NAME = "__name__";

  /** A group likewise. */
  record Group(
      String place,
      String name,
      Duration interval,
      @Nullable Duration queryOffset,
      long limit,
      Map<String, String> labels,
      List<RuleDraft> rules) {}

  /** Where a value stands; nowhere if the key is absent. */
  record Place(@Nullable String text) {

    static Place of(@Nullable YamlValue value) {
      return new Place(value == null ? null : value.line() + ":" + value.column());
    }

    /** The place, or that of the rule. */
    String or(String rule) {
      return text == null ? rule : text;
    }
  }

  String name() {
    return alert.isEmpty() ? record : alert;
  }

  /**
   * Checks the rule.
   *
   * @param problems takes what is wrong: a place with a colon and a blank, or nothing, then a tab,
   *     then the message
   * @return the rule, or null if it cannot be used
   */
  @Nullable Rule complete(RuleFile.Options options, List<String> problems) {
    List<String> found = new ArrayList<>();
    checkKind(found);
    Expr query = parse(options, found);
    if (!record.isEmpty()) {
      checkRecording(options.scheme(), found);
    }
    problemsOfLabels(labels, options.scheme()).forEach(problem -> found.add("\t" + problem));
    for (String name : annotations.keySet()) {
      if (!options.scheme().allowsLabel(name)) {
        found.add("\tinvalid annotation name: " + name);
      }
    }
    if (!alert.isEmpty()) {
      labels.forEach((name, text) -> checkTemplate("label", name, text, found));
      annotations.forEach((name, text) -> checkTemplate("annotation", name, text, found));
    }
    problems.addAll(found);
    if (!found.isEmpty() || query == null) {
      return null;
    }
    return alert.isEmpty()
        ? new Rule.Recording(record, expr, query, labels)
        : new Rule.Alerting(alert, expr, query, holdFor, keepFiringFor, labels, annotations);
  }

  private void checkKind(List<String> found) {
    if (record.isEmpty() == alert.isEmpty()) {
      String places = recordPlace.or(place) + ": " + alertPlace.or(place) + ": \t";
      found.add(
          places
              + (record.isEmpty()
                  ? "one of 'record' or 'alert' must be set"
                  : "only one of 'record' and 'alert' must be set"));
    }
  }

  private @Nullable Expr parse(RuleFile.Options options, List<String> found) {
    String where = exprPlace.or(place) + ": \t";
    if (expr.isEmpty()) {
      found.add(where + "field 'expr' must be set in rule");
      return null;
    }
    try {
      return Parser.parse(expr, options.parser());
    } catch (ParseException e) {
      found.add(where + "could not parse expression: " + e.getMessage());
      return null;
    }
  }

  private void checkRecording(ValidationScheme scheme, List<String> found) {
    String where = recordPlace.or(place) + ": \t";
    if (!annotations.isEmpty()) {
      found.add(where + "invalid field 'annotations' in recording rule");
    }
    if (!holdFor.isZero()) {
      found.add(where + "invalid field 'for' in recording rule");
    }
    if (!keepFiringFor.isZero()) {
      found.add(where + "invalid field 'keep_firing_for' in recording rule");
    }
    if (!scheme.allowsMetric(record)) {
      found.add(where + "invalid recording rule name: " + record);
    }
    if (record.indexOf('{') >= 0 || record.indexOf('}') >= 0) {
      found.add(
          where + "braces present in the recording rule name; should it be in expr?: " + record);
    }
  }

  /** What is wrong with labels that a rule or group sets. */
  static List<String> problemsOfLabels(Map<String, String> labels, ValidationScheme scheme) {
    List<String> found = new ArrayList<>();
    labels.forEach((name, text) -> {
      if (!scheme.allowsLabel(name) || name.equals(METRIC_NAME)) {
        found.add("invalid label name: " + name);
      }
      if (!ValidationScheme.isUtf8(text)) {
        found.add("invalid label value: " + text);
      }
    });
    return found;
  }

  private void checkTemplate(String what, String name, String text, List<String> found) {
    String problem = AlertTemplates.problem("__alert_" + alert, text);
    if (!problem.isEmpty()) {
      found.add("\t" + what + " \"" + name + "\": " + problem);
    }
  }
}
