package io.narthex.api.v1;

import io.narthex.api.port.QueryEngine;
import io.narthex.api.port.QueryFailure;
import io.narthex.api.port.QueryResult;
import io.narthex.base.text.GoQuote;
import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.Parameters;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.List;

/** The answers to queries. */
final class QueryEndpoints {

  private final QueryEngine engine;
  private final Partial partial;
  private final Workers workers;
  private final Clock clock;

  QueryEndpoints(QueryEngine engine, Partial partial, Workers workers, Clock clock) {
    this.engine = engine;
    this.partial = partial;
    this.workers = workers;
    this.clock = clock;
  }

  Answer instant(HttpRequest request) throws ApiException, IOException {
    Parameters form = request.form();
    int limit = Limits.of(form);
    long time = Times.optional(form, "time", clock.millis());
    Partial.Source source = partial.source(form);
    QueryEngine.Options options = options(request, form, source.isPartial());
    QueryEngine.Query query;
    try {
      query = engine.instant(form.first("query"), time, options);
    } catch (QueryFailure e) {
      throw failure(e);
    }
    return answer(request, query, limit, form.first("stats"), source);
  }

  Answer range(HttpRequest request) throws ApiException, IOException {
    Parameters form = request.form();
    int limit = Limits.of(form);
    RangeTimes times = RangeTimes.of(form);
    Partial.Source source = partial.source(form);
    QueryEngine.Options options = options(request, form, source.isPartial());
    QueryEngine.Query query;
    try {
      query = engine.range(form.first("query"), times.start(), times.end(), times.step(), options);
    } catch (QueryFailure e) {
      throw failure(e);
    }
    return answer(request, query, limit, form.first("stats"), source);
  }

  static QueryEngine.Options options(HttpRequest request, Parameters form, boolean partial)
      throws ApiException {
    long timeout = Times.optionalNanos(form, "timeout");
    if (timeout <= 0 && !form.first("timeout").isEmpty()) {
      timeout = 1;
    }
    long lookback = 0;
    String text = form.first("lookback_delta");
    if (!text.isEmpty()) {
      try {
        lookback = Times.nanos(text) / 1_000_000;
      } catch (DateTimeException e) {
        throw ApiException.badData("error parsing lookback delta duration: " + e.getMessage());
      }
    }
    return new QueryEngine.Options(
        timeout,
        lookback,
        form.first("stats").equals("all"),
        partial,
        new QueryEngine.Origin(request.remoteAddress(), request.method(), request.path()));
  }

  private Answer answer(
      HttpRequest request, QueryEngine.Query query, int limit, String stats, Partial.Source source)
      throws ApiException, IOException {
    QueryResult result =
        workers.query(
            request,
            query::cancel,
            () -> {
              try {
                return query.run();
              } catch (QueryFailure e) {
                throw failure(e);
              }
            });
    List<String> warnings = source.warnings(result.warnings());
    if (result.data() instanceof QueryResult.Series series) {
      warnings.addAll(Limits.warnings(limit, series.size()));
    }
    if (!stats.isEmpty() && !stats.equals("true") && !stats.equals("all")) {
      warnings.add(
          "value "
              + GoQuote.quote(stats)
              + " for parameter \"stats\" is deprecated and will be rejected in the next major"
              + " release, use \"true\" or \"all\"");
    }
    return new Answer(
        json -> ResultJson.write(json, result, limit, !stats.isEmpty()),
        warnings,
        result.infos(),
        result::close);
  }

  static ApiException failure(QueryFailure e) {
    String message = String.valueOf(e.getMessage());
    return switch (e.kind()) {
      case BAD_QUERY -> ApiException.invalid("query", message);
      case EXECUTION -> new ApiException(ErrorType.EXECUTION, message, e.warnings());
      case TIMEOUT -> new ApiException(ErrorType.TIMEOUT, message, e.warnings());
      case CANCELED -> new ApiException(ErrorType.CANCELED, message, e.warnings());
      case STORAGE -> new ApiException(ErrorType.INTERNAL, message, e.warnings());
    };
  }
}
