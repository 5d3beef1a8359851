package io.narthex.api.v1;

import io.narthex.model.labels.Matcher;
import io.narthex.net.http.Parameters;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import java.util.ArrayList;
import java.util.List;

/** What selects series: the parameter {@code match[]}, or the selectors of an expression. */
final class Selectors {

  static final String NAME = "match[]";

  private Selectors() {}

  /** The selectors that were given; each has a matcher that does not match the empty text. */
  static List<List<Matcher>> of(Parameters form) throws ApiException {
    List<List<Matcher>> all = new ArrayList<>();
    for (String text : form.all(NAME)) {
      all.add(parse(NAME, text));
    }
    for (List<Matcher> matchers : all) {
      if (matchers.stream().allMatch(Matcher::matchesEmpty)) {
        throw ApiException.invalid(NAME, "match[] must contain at least one non-empty matcher");
      }
    }
    return all;
  }

  /** The matchers of each selector in an expression. */
  static List<List<Matcher>> of(Expr expr) {
    List<List<Matcher>> all = new ArrayList<>();
    collect(expr, all);
    return all;
  }

  private static void collect(Expr expr, List<List<Matcher>> into) {
    Expr rest = expr;
    // Operators lean to the left, perhaps thousands of them.
    while (rest instanceof Binary binary) {
      collect(binary.right(), into);
      rest = binary.left();
    }
    switch (rest) {
      case Binary ignored -> throw new IllegalStateException("the loop ends behind the operators");
      case Aggregate aggregate -> {
        collect(aggregate.expr(), into);
        Expr parameter = aggregate.parameter();
        if (parameter != null) {
          collect(parameter, into);
        }
      }
      case Call call -> call.arguments().forEach(argument -> collect(argument, into));
      case MatrixSelector matrix -> into.add(matrix.selector().matchers());
      case VectorSelector vector -> into.add(vector.matchers());
      case Paren paren -> collect(paren.expr(), into);
      case Subquery subquery -> collect(subquery.expr(), into);
      case Unary unary -> collect(unary.expr(), into);
      case NumberLiteral ignored -> {}
      case StringLiteral ignored -> {}
    }
  }

  /** Reads one selector that is the value of a parameter. */
  static List<Matcher> parse(String parameter, String text) throws ApiException {
    try {
      return Parser.parseSelector(text);
    } catch (ParseException e) {
      throw ApiException.invalid(parameter, String.valueOf(e.getMessage()));
    }
  }

  /** Refuses a form that could not be read. */
  static void requireReadable(Parameters form) throws ApiException {
    if (form.flaw() != null) {
      throw ApiException.badData("error parsing form values: " + form.flaw());
    }
  }
}
