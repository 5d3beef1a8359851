package io.narthex.rules.file;

import io.narthex.promql.ast.Expr;
import java.time.Duration;
import java.util.Map;

/** A rule as its file has it. */
public sealed interface Rule {

  /** The metric that is recorded, or the name of the alert. */
  String name();

  /** The expression as text. */
  String expression();

  /** The expression. */
  Expr query();

  /** Labels of the result, in alphabetical order; an alert's are templates. */
  Map<String, String> labels();

  /** The result becomes a series. */
  record Recording(String name, String expression, Expr query, Map<String, String> labels)
      implements Rule {}

  /**
   * The result becomes alerts.
   *
   * @param holdFor how long a series must be in the result before it is sent
   * @param keepFiringFor how long an alert goes on when its series is gone
   * @param annotations templates, by name in alphabetical order
   */
  record Alerting(
      String name,
      String expression,
      Expr query,
      Duration holdFor,
      Duration keepFiringFor,
      Map<String, String> labels,
      Map<String, String> annotations)
      implements Rule {}
}
