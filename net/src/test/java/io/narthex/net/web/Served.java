package io.narthex.net.web;

import io.narthex.base.time.Clock;
import io.narthex.net.http.Entrance;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.HttpServer;
import io.narthex.net.http.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A server of our own on loopback, with or without a web configuration. */
public final class Served implements AutoCloseable {

  private final HttpServer server;

  private Served(HttpServer server) {
    this.server = server;
  }

  /** Answers every path. */
  public static Served by(HttpHandler handler) {
    return open(handler, Entrance.OPEN);
  }

  /** Answers every path behind a web configuration. */
  public static Served by(HttpHandler handler, Path webConfig) throws IOException {
    return open(handler, WebEntrance.open(webConfig, Clock.SYSTEM));
  }

  private static Served open(HttpHandler handler, Entrance entrance) {
    Router router = new Router().on(Set.of("GET", "HEAD", "POST", "PUT"), "/{path...}", handler);
    return new Served(
        HttpServer.open(
            new HttpServer.Options(List.of("127.0.0.1:0"), Duration.ofSeconds(20), 50),
            router,
            entrance));
  }

  public int port() {
    return server.addresses().getFirst().getPort();
  }

  /** Replaces a file at once, as a careful operator does. */
  public static void replace(Path file, String content) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.writeString(next, content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() {
    server.close();
  }
}
