package io.narthex.it;

import io.narthex.testkit.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.TreeMap;

/** The HTTP API of a server of Prometheus' kind: ours or a peer's. */
final class Api {

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final String base;

  Api(int port) {
    this.base = "http://127.0.0.1:" + port;
  }

  String base() {
    return base;
  }

  boolean isReady() {
    try {
      return get("/-/ready").statusCode() == 200;
    } catch (AssertionError e) {
      return false;
    }
  }

  HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(URI.create(base + path)).GET());
  }

  HttpResponse<String> post(String path) {
    return send(
        HttpRequest.newBuilder(URI.create(base + path)).POST(HttpRequest.BodyPublishers.noBody()));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(
          request.timeout(Duration.ofSeconds(120)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(request.build().uri() + ": " + e, e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The data of a successful answer. */
  Json data(String path) {
    HttpResponse<String> response = get(path);
    Json json = Json.parse(response.body());
    if (!json.get("status").text().equals("success")) {
      throw new AssertionError(path + ": " + response.body());
    }
    return json.get("data");
  }

  /** The result of an instant query, now or at a time in seconds. */
  Json query(String expression, String... time) {
    String at = time.length == 0 ? "" : "&time=" + time[0];
    return data("/api/v1/query?query=" + encode(expression) + at).get("result");
  }

  /** Every sample of a range vector: series to timestamp to value, in a stable order. */
  TreeMap<String, TreeMap<Double, String>> samples(String selector, String time) {
    TreeMap<String, TreeMap<Double, String>> all = new TreeMap<>();
    for (Json series : query(selector, time).items()) {
      TreeMap<String, String> labels = new TreeMap<>();
      for (String name : series.get("metric").names()) {
        labels.put(name, series.get("metric").get(name).text());
      }
      TreeMap<Double, String> samples = new TreeMap<>();
      for (Json sample : series.get("values").items()) {
        samples.put(sample.get(0).number(), sample.get(1).text());
      }
      all.put(labels.toString(), samples);
    }
    return all;
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
