package io.narthex.it;

import io.narthex.testkit.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/**
 * One page in headless Chromium, driven over the DevTools protocol: go somewhere, evaluate
 * JavaScript, hear what the console says, take a picture.
 */
final class Browser implements AutoCloseable {

  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Program chromium;
  private final WebSocket socket;
  private final AtomicInteger lastId = new AtomicInteger();
  private final Map<Integer, CompletableFuture<Json>> waiting = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  private Browser(Program chromium, String address) throws Exception {
    this.chromium = chromium;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address), new Listener())
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    call("Runtime.enable", "{}");
    call("Log.enable", "{}");
    call("Page.enable", "{}");
  }

  /** Opens a browser; the test is skipped where there is none. */
  static Browser open(Path folder, int width, int height) throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(CHROMIUM), "chromium is absent: ./dev test installs it where it may");
    Path profile = Files.createTempDirectory(folder, "chromium");
    Program chromium =
        Program.start(
            folder,
            List.of(
                CHROMIUM.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--window-size=" + width + "," + height,
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                "about:blank"));
    try {
      Path portFile = profile.resolve("DevToolsActivePort");
      chromium.await("DevTools", PATIENCE, () -> hasPort(portFile));
      int port = Integer.parseInt(Files.readAllLines(portFile).getFirst());
      String pages =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      Json page =
          Json.parse(pages).items().stream()
              .filter(p -> p.get("type").text().equals("page"))
              .findFirst()
              .orElseThrow();
      return new Browser(chromium, page.get("webSocketDebuggerUrl").text());
    } catch (Exception | AssertionError e) {
      chromium.close();
      throw e;
    }
  }

  private static boolean hasPort(Path file) {
    try {
      return Files.exists(file) && Files.readAllLines(file).size() >= 2;
    } catch (IOException e) {
      return false;
    }
  }

  /** Goes to an address. */
  void go(String address) throws Exception {
    call("Page.navigate", "{\"url\":" + quote(address) + "}");
  }

  /** The value of a JavaScript expression, as text. */
  String evaluate(String script) throws Exception {
    Json answer =
        call(
            "Runtime.evaluate",
            "{\"awaitPromise\":true,\"returnByValue\":true,\"expression\":" + quote(script) + "}");
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(script + ": " + answer.get("exceptionDetails"));
    }
    Json result = answer.get("result");
    return result.has("value") ? result.get("value").toString() : "";
  }

  /** Waits until a JavaScript condition holds. */
  void await(String what, String condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!evaluate("!!(" + condition + ")").equals("true")) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "no " + what + "; the page says: " + evaluate("document.body.innerText"));
      }
      Thread.sleep(50);
    }
  }

  /** Errors and warnings of the console, failed loads, and exceptions that nobody caught. */
  List<String> complaints() {
    return complaints;
  }

  /** Saves a picture of the page as PNG. */
  void screenshot(Path file) throws Exception {
    Json answer = call("Page.captureScreenshot", "{\"format\":\"png\"}");
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(answer.get("data").text()));
  }

  private Json call(String method, String parameters) throws Exception {
    int id = lastId.incrementAndGet();
    CompletableFuture<Json> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    socket.sendText(
        "{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + parameters + "}", true);
    try {
      return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(method + " " + parameters + ": " + e, e);
    }
  }

  private static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  @Override
  public void close() {
    socket.abort();
    chromium.close();
  }

  private final class Listener implements WebSocket.Listener {

    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        Json message = Json.parse(text.toString());
        text.setLength(0);
        if (message.has("id")) {
          answered(message);
        } else {
          noted(message.get("method").text(), message.get("params"));
        }
      }
      webSocket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    private void answered(Json message) {
      CompletableFuture<Json> answer = waiting.remove((int) message.get("id").number());
      if (answer == null) {
        return;
      }
      if (message.has("error")) {
        answer.completeExceptionally(new AssertionError(message.get("error").toString()));
      } else {
        answer.complete(message.get("result"));
      }
    }

    private void noted(String method, Json event) {
      switch (method) {
        case "Runtime.exceptionThrown" -> complaints.add(event.get("exceptionDetails").toString());
        case "Runtime.consoleAPICalled" -> {
          String type = event.get("type").text();
          if (type.equals("error") || type.equals("warning")) {
            complaints.add(type + ": " + event.get("args"));
          }
        }
        case "Log.entryAdded" -> {
          String level = event.get("entry").get("level").text();
          if (level.equals("error") || level.equals("warning")) {
            complaints.add(level + ": " + event.get("entry"));
          }
        }
        default -> {
          // Other events say nothing about what a user would see.
        }
      }
    }
  }
}
