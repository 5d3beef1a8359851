package io.narthex.api.v1;

import io.narthex.base.json.JsonWriter;
import io.narthex.base.text.GoQuote;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.Parameters;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StopSignal;
import io.narthex.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Which series there are, and their labels. */
final class SeriesEndpoints {

  private final Partial partial;
  private final Workers workers;

  SeriesEndpoints(Partial partial, Workers workers) {
    this.partial = partial;
    this.workers = workers;
  }

  /** What is asked of a view of the storage. */
  @FunctionalInterface
  private interface Question<T> {
    T ask(Querier querier) throws ApiException;
  }

  private <T> T ask(
      HttpRequest request, Partial.Source source, long start, long end, Question<T> question)
      throws ApiException, IOException {
    return workers.read(
        request,
        () -> {
          try (Querier querier = source.storage().querier(start, end)) {
            return question.ask(querier);
          } catch (StorageException e) {
            throw new ApiException(ErrorType.EXECUTION, String.valueOf(e.getMessage()));
          }
        });
  }

  Answer series(HttpRequest request) throws ApiException, IOException {
    Parameters form = request.form();
    Selectors.requireReadable(form);
    if (!form.has(Selectors.NAME)) {
      throw ApiException.badData("no match[] parameter provided");
    }
    int limit = Limits.of(form);
    long start = Times.optional(form, "start", Times.MIN);
    long end = Times.optional(form, "end", Times.MAX);
    List<List<Matcher>> selectors = Selectors.of(form);
    Partial.Source source = partial.source(form);
    Collection<Labels> found =
        ask(request, source, start, end, querier -> select(querier, start, end, selectors, limit));
    return Answer.of(
        json -> {
          int left = limit == 0 ? Integer.MAX_VALUE : limit;
          json.beginArray();
          for (Labels labels : found) {
            if (left-- == 0) {
              break;
            }
            LabelsJson.write(json, labels);
          }
          json.endArray();
        },
        source.warnings(Limits.warnings(limit, found.size())));
  }

  private static Collection<Labels> select(
      Querier querier, long start, long end, List<List<Matcher>> selectors, int limit) {
    boolean single = selectors.size() == 1;
    Collection<Labels> found = single ? new ArrayList<>() : new TreeSet<>();
    SelectHints hints = new SelectHints(start, end, 0, 0, "series", List.of(), false);
    int most = Limits.hint(limit);
    for (List<Matcher> matchers : selectors) {
      // Sorted only where several selectors meet, as upstream: sorting is the larger part of the
      // work.
      SeriesSet set = querier.select(!single, hints, matchers);
      int size = most == 0 ? set.size() : Math.min(most, set.size());
      for (int i = 0; i < size; i++) {
        StopSignal.every(i);
        found.add(set.labels(i));
      }
    }
    return found;
  }

  Answer labelNames(HttpRequest request) throws ApiException, IOException {
    Parameters form = request.form();
    Selectors.requireReadable(form);
    int limit = Limits.of(form);
    long start = Times.optional(form, "start", Times.MIN);
    long end = Times.optional(form, "end", Times.MAX);
    List<List<Matcher>> selectors = Selectors.of(form);
    int hint = Limits.hint(limit);
    Partial.Source source = partial.source(form);
    return texts(
        source,
        limit,
        ask(
            request,
            source,
            start,
            end,
            querier -> union(selectors, matchers -> querier.labelNames(matchers, hint))));
  }

  Answer labelValues(HttpRequest request) throws ApiException, IOException {
    String name = EscapedNames.decode(request.pathParameter("name"));
    if (name.isEmpty()) {
      throw ApiException.badData("invalid label name: " + GoQuote.quote(name));
    }
    Parameters form = request.form();
    Selectors.requireReadable(form);
    int limit = Limits.of(form);
    long start = Times.optional(form, "start", Times.MIN);
    long end = Times.optional(form, "end", Times.MAX);
    List<List<Matcher>> selectors = Selectors.of(form);
    int hint = Limits.hint(limit);
    Partial.Source source = partial.source(form);
    return texts(
        source,
        limit,
        ask(
            request,
            source,
            start,
            end,
            querier -> union(selectors, matchers -> querier.labelValues(name, matchers, hint))));
  }

  /** The texts that the storage has for matchers. */
  @FunctionalInterface
  private interface Lookup {
    List<String> find(List<Matcher> matchers);
  }

  private static List<String> union(List<List<Matcher>> selectors, Lookup lookup) {
    if (selectors.size() < 2) {
      return lookup.find(selectors.isEmpty() ? List.of() : selectors.getFirst());
    }
    TreeSet<String> all = new TreeSet<>(io.narthex.base.bytes.Utf8::compare);
    selectors.forEach(matchers -> all.addAll(lookup.find(matchers)));
    return List.copyOf(all);
  }

  private static Answer texts(Partial.Source source, int limit, List<String> found) {
    List<String> shown = Limits.cut(limit, found);
    return Answer.of(
        (JsonWriter json) -> {
          json.beginArray();
          for (String text : shown) {
            json.string(text);
          }
          json.endArray();
        },
        source.warnings(Limits.warnings(limit, found.size())));
  }
}
