package io.narthex.api.v1;

import io.narthex.base.json.JsonWriter;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.Exemplar;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.Parameters;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.storage.ExemplarQuerier;
import io.narthex.storage.ExemplarQuerier.SeriesExemplars;
import java.io.IOException;
import java.util.List;

/** The exemplars of the series that a query is about. */
final class ExemplarEndpoints {

  private final ExemplarQuerier storage;
  private final Workers workers;
  private final ParserOptions options;

  ExemplarEndpoints(ExemplarQuerier storage, Workers workers, ParserOptions options) {
    this.storage = storage;
    this.workers = workers;
    this.options = options;
  }

  Answer exemplars(HttpRequest request) throws ApiException, IOException {
    Parameters form = request.form();
    long start = Times.optional(form, "start", Times.MIN);
    long end = Times.optional(form, "end", Times.MAX);
    if (end < start) {
      throw ApiException.badData("end timestamp must not be before start timestamp");
    }
    List<List<Matcher>> selectors = selectors(form.first("query"));
    if (selectors.isEmpty()) {
      return Answer.NONE;
    }
    List<SeriesExemplars> found =
        workers.read(request, () -> storage.select(start, end, selectors));
    return Answer.of(json -> write(json, found));
  }

  private List<List<Matcher>> selectors(String query) throws ApiException {
    try {
      return Selectors.of(Parser.parse(query, options));
    } catch (ParseException e) {
      throw ApiException.badData(String.valueOf(e.getMessage()));
    }
  }

  private static void write(JsonWriter json, List<SeriesExemplars> all) throws IOException {
    json.beginArray();
    for (SeriesExemplars series : all) {
      json.beginObject().name("seriesLabels");
      LabelsJson.write(json, series.series());
      json.name("exemplars").beginArray();
      for (Exemplar exemplar : series.exemplars()) {
        json.beginObject().name("labels");
        LabelsJson.write(json, exemplar.labels());
        json.name("value").sampleValue(exemplar.value());
        json.name("timestamp").timestamp(exemplar.timestamp());
        json.endObject();
      }
      json.endArray().endObject();
    }
    json.endArray();
  }
}
