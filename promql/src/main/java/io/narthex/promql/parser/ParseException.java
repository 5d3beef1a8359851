package io.narthex.promql.parser;

import java.util.List;

/**
 * A query that is not correct. The message is that of the first error, with its place, as the API
 * shows it.
 */
public final class ParseException extends RuntimeException {

  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial") // Exceptions are not serialised here.
  private final List<ParseError> errors;

  ParseException(String query, List<ParseError> errors) {
    super(errors.getFirst().render(query));
    this.errors = List.copyOf(errors);
  }

  /** All errors, in the order in which they were found; at least one. */
  public List<ParseError> errors() {
    return errors;
  }
}
