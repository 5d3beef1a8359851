package io.narthex.api.v1;

import io.narthex.api.port.QueryEngine;
import io.narthex.api.port.QueryFailure;
import io.narthex.base.text.GoQuote;
import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.Parameters;
import io.narthex.promql.engine.explain.Plan;
import io.narthex.promql.engine.explain.PlanText;
import java.io.IOException;

/**
 * How queries are evaluated: an addition of ours. The parameters are those of the queries
 * themselves; {@code evaluate=false} only plans, {@code format=text} draws a tree for people.
 */
final class ExplainEndpoints {

  private final QueryEngine engine;
  private final Workers workers;
  private final Clock clock;

  ExplainEndpoints(QueryEngine engine, Workers workers, Clock clock) {
    this.engine = engine;
    this.workers = workers;
    this.clock = clock;
  }

  Answer instant(HttpRequest request) throws ApiException, IOException {
    Parameters form = request.form();
    long time = Times.optional(form, "time", clock.millis());
    QueryEngine.Options options = QueryEndpoints.options(request, form, false);
    boolean evaluate = evaluate(form);
    boolean text = text(form);
    try {
      return answer(
          request, engine.explainInstant(form.first("query"), time, options, evaluate), text);
    } catch (QueryFailure e) {
      throw QueryEndpoints.failure(e);
    }
  }

  Answer range(HttpRequest request) throws ApiException, IOException {
    Parameters form = request.form();
    RangeTimes times = RangeTimes.of(form);
    QueryEngine.Options options = QueryEndpoints.options(request, form, false);
    boolean evaluate = evaluate(form);
    boolean text = text(form);
    try {
      return answer(
          request,
          engine.explainRange(
              form.first("query"), times.start(), times.end(), times.step(), options, evaluate),
          text);
    } catch (QueryFailure e) {
      throw QueryEndpoints.failure(e);
    }
  }

  private static boolean evaluate(Parameters form) throws ApiException {
    return switch (form.first("evaluate")) {
      case "", "true" -> true;
      case "false" -> false;
      default -> throw wrong("evaluate", form, "true or false");
    };
  }

  private static boolean text(Parameters form) throws ApiException {
    return switch (form.first("format")) {
      case "", "json" -> false;
      case "text" -> true;
      default -> throw wrong("format", form, "json or text");
    };
  }

  private static ApiException wrong(String name, Parameters form, String allowed) {
    return ApiException.invalid(
        name, "expected " + allowed + ", got " + GoQuote.quote(form.first(name)));
  }

  private Answer answer(HttpRequest request, QueryEngine.Explained query, boolean text)
      throws ApiException, IOException {
    Plan plan =
        workers.query(
            request,
            query::cancel,
            () -> {
              try {
                return query.run();
              } catch (QueryFailure e) {
                throw QueryEndpoints.failure(e);
              }
            });
    return Answer.of(
        text
            ? json -> json.beginObject().member("text", PlanText.of(plan)).endObject()
            : json -> PlanJson.write(json, plan));
  }
}
