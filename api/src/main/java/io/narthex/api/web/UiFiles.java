package io.narthex.api.web;

import io.narthex.api.port.ServerView;
import io.narthex.model.duration.Durations;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of the web app, which lie in the folder {@code /ui} of the class path. The page itself
 * is made anew for each request, since it says what the server is; what lies in {@code assets} has
 * its content's hash in its name and may be kept forever.
 */
final class UiFiles {

  private static final String FOLDER = "/ui/";
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("woff", "font/woff"),
          Map.entry("md", "text/plain; charset=utf-8"),
          Map.entry("txt", "text/plain; charset=utf-8"));

  private final ServerView server;
  private final WebOptions options;

  UiFiles(ServerView server, WebOptions options) {
    this.server = server;
    this.options = options;
  }

  void page(HttpRequest request, HttpResponse response) throws IOException {
    byte[] index = read("index.html");
    if (index == null) {
      response.status(404).sendText("the web app is not part of this build\n");
      return;
    }
    String page = new String(index, StandardCharsets.UTF_8);
    boolean ready = server.state() == ServerView.State.READY;
    for (Map.Entry<String, String> fact :
        Map.of(
                "TITLE_PLACEHOLDER", options.pageTitle(),
                "CONSOLES_LINK_PLACEHOLDER", "",
                "AGENT_MODE_PLACEHOLDER", String.valueOf(options.agent()),
                "READY_PLACEHOLDER", String.valueOf(ready),
                "LOOKBACKDELTA_PLACEHOLDER", Durations.print(options.lookback()))
            .entrySet()) {
      page = page.replace(fact.getKey(), escaped(fact.getValue()));
    }
    response.header("Cache-Control", "no-cache");
    response.send("text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  void asset(HttpRequest request, HttpResponse response) throws IOException {
    String path = request.pathParameter("path");
    byte[] content = isInside(path) ? read("assets/" + path) : null;
    if (content == null) {
      response.status(404).sendText("404 page not found\n");
      return;
    }
    int dot = path.lastIndexOf('.');
    String extension = path.substring(dot + 1).toLowerCase(Locale.ROOT);
    boolean hashed = path.lastIndexOf('-', dot) > 0;
    response.header("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    response.send(TYPES.getOrDefault(extension, "application/octet-stream"), content);
  }

  /** Whether a path stays in its folder. */
  private static boolean isInside(String path) {
    return !path.isEmpty()
        && path.indexOf('\\') < 0
        && List.of(path.split("/", -1)).stream()
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
  }

  private static byte @Nullable [] read(String file) throws IOException {
    try (InputStream in = UiFiles.class.getResourceAsStream(FOLDER + file)) {
      return in == null ? null : in.readAllBytes();
    }
  }
}
