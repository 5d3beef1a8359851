package io.narthex.tools.query;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlMap;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** The HTTP API of a server, for one command. */
final class ServerApi {

  private static final int CONNECT_MILLIS = 30_000;
  private static final int MOST_ERROR_TEXT = 500;

  private final URI base;

  /**
   * @param server its address, with or without a scheme; a path is kept
   * @throws IOException if that is no address
   */
  ServerApi(String server) throws IOException {
    String text = server.contains("://") ? server : "http://" + server;
    try {
      base = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    } catch (URISyntaxException e) {
      throw new IOException("error parsing server URL \"" + server + "\": " + e.getMessage(), e);
    }
    boolean known = "http".equals(base.getScheme()) || "https".equals(base.getScheme());
    if (!known || base.getHost() == null) {
      throw new IOException(
          "error parsing server URL \"" + server + "\": expected http://host:port");
    }
  }

  /**
   * Posts a form to an endpoint.
   *
   * @return the text that stands under a name in the answer's data
   * @throws IOException if there is no answer, or it is an error; the message is for the user
   */
  String text(String path, Map<String, String> form, String name) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(base + "/api/v1" + path).toURL().openConnection();
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "application/x-www-form-urlencoded");
    String body =
        form.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    try (var out = connection.getOutputStream()) {
      out.write(body.getBytes(StandardCharsets.UTF_8));
    }
    int status = connection.getResponseCode();
    InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    String answer;
    try (in) {
      answer = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Answer read;
    try {
      // JSON is YAML, and one reader is enough.
      read = Yaml.decode(answer, value -> Answer.of(value.map("map[string]interface {}"), name));
    } catch (YamlException e) {
      throw new IOException(unknown(status, answer), e);
    }
    if (!read.error.isEmpty()) {
      throw new IOException(read.type + ": " + read.error);
    }
    if (status >= 400 || read.text.isEmpty()) {
      throw new IOException(unknown(status, answer));
    }
    return read.text;
  }

  private static String unknown(int status, String answer) {
    String shown = answer.strip();
    return "the server answered "
        + status
        + (status == 404 ? " (it cannot explain queries): " : ": ")
        + (shown.length() > MOST_ERROR_TEXT ? shown.substring(0, MOST_ERROR_TEXT) + "..." : shown);
  }

  private record Answer(String type, String error, String text) {

    static Answer of(YamlMap map, String name) {
      String text =
          map.value("data", "", data -> data.map("map[string]interface {}").text(name, ""));
      return new Answer(map.text("errorType", ""), map.text("error", ""), text);
    }
  }
}
