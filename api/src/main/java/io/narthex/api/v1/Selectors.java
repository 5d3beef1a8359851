package io.narthex.api.v1;

import io.narthex.model.labels.Matcher;
import io.narthex.net.http.Parameters;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import java.util.ArrayList;
import java.util.List;

/** The parameter {@code match[]}. */
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
