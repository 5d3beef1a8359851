package io.narthex.api.v1;

import io.narthex.net.http.HttpRequest;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.promql.printer.Printer;
import java.io.IOException;

/** What the query language says about an expression, without evaluating it. */
final class LanguageEndpoints {

  private final ParserOptions options;

  LanguageEndpoints(ParserOptions options) {
    this.options = options;
  }

  Answer format(HttpRequest request) throws ApiException, IOException {
    String pretty = Printer.pretty(parse(request));
    return Answer.of(json -> json.string(pretty));
  }

  Answer syntax(HttpRequest request) throws ApiException, IOException {
    Expr expr = parse(request);
    return Answer.of(json -> SyntaxJson.write(json, expr));
  }

  private Expr parse(HttpRequest request) throws ApiException, IOException {
    try {
      return Parser.parse(request.form().first("query"), options);
    } catch (ParseException e) {
      throw ApiException.invalid("query", String.valueOf(e.getMessage()));
    }
  }
}
