package io.narthex.discovery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** An HTTP back end of a test: one function answers every request, and it can be away. */
public final class Stub implements AutoCloseable {

  /**
   * A request.
   *
   * @param path with the query, as it was sent
   * @param headers by their names in small letters
   */
  public record Asked(String method, String path, Map<String, String> headers, String body) {

    /** A header, empty if it was not sent. */
    public String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }
  }

  /** What is sent back. */
  public record Answer(int status, String contentType, String body, Map<String, String> headers) {

    /** 200 with JSON. */
    public static Answer json(String body) {
      return new Answer(200, "application/json", body, Map.of());
    }

    /** 200 with XML. */
    public static Answer xml(String body) {
      return new Answer(200, "application/xml", body, Map.of());
    }

    /** A status with a text. */
    public static Answer status(int status, String body) {
      return new Answer(status, "text/plain", body, Map.of());
    }
  }

  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Function<Asked, Answer> answers = asked -> Answer.status(404, "not found");
  private volatile boolean broken;
  private HttpServer server;

  public Stub() {
    this.server = listen(0);
  }

  private HttpServer listen(int port) {
    try {
      HttpServer opened =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
      opened.setExecutor(threads);
      opened.createContext("/", this::handle);
      opened.start();
      return opened;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> headers = new HashMap<>();
      exchange
          .getRequestHeaders()
          .forEach((name, values) ->
              headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Asked question =
          new Asked(
              exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers, body);
      asked.add(question);
      Answer answer = broken ? Answer.status(500, "broken") : answers.apply(question);
      byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.contentType());
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** Sets what answers from now on. Called by many threads. */
  public void answer(Function<Asked, Answer> function) {
    answers = function;
  }

  /** Whether every request is answered by 500. */
  public void broken(boolean is) {
    broken = is;
  }

  /** {@code 127.0.0.1:port}. */
  public String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** {@code http://127.0.0.1:port}. */
  public String url() {
    return "http://" + address();
  }

  /** The port. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** All requests so far. */
  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  /** Goes away, until it is {@link #back}. */
  public void away() {
    server.stop(0);
  }

  /** Is there again, at the same address. */
  public void back() {
    server = listen(server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
