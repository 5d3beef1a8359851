package io.narthex.api.web;

import io.narthex.api.port.ServerView;
import io.narthex.base.json.JsonWriter;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.HttpResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;

/** Health, reload, end, and the version. */
final class Management {

  /** The handlers themselves refuse what is no POST or PUT, in upstream's words. */
  static final Set<String> CHANGING =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");

  private final ServerView server;
  private final WebOptions options;

  Management(ServerView server, WebOptions options) {
    this.server = server;
    this.options = options;
  }

  void healthy(HttpRequest request, HttpResponse response) throws IOException {
    response.sendText(name() + " is Healthy.\n");
  }

  void ready(HttpRequest request, HttpResponse response) throws IOException {
    response.sendText(name() + " is Ready.\n");
  }

  private String name() {
    return options.agent() ? "Prometheus Agent" : "Prometheus Server";
  }

  void reload(HttpRequest request, HttpResponse response) throws IOException {
    if (!mayChange(request, response)) {
      return;
    }
    try {
      server.reload();
    } catch (RuntimeException e) {
      // Whatever is wrong with the configuration, the message is for whoever asked.
      response.status(500).sendText("failed to reload config: " + e.getMessage() + "\n");
      return;
    }
    response.sendEmpty();
  }

  void quit(HttpRequest request, HttpResponse response) throws IOException {
    if (!mayChange(request, response)) {
      return;
    }
    response.sendText("Requesting termination... Goodbye!");
    server.quit();
  }

  private boolean mayChange(HttpRequest request, HttpResponse response) throws IOException {
    boolean changes = request.method().equals("POST") || request.method().equals("PUT");
    if (options.lifecycle() && changes) {
      return true;
    }
    if (options.lifecycle()) {
      response.status(405).sendText("Only POST or PUT requests allowed");
    } else {
      response.status(403).sendText("Lifecycle API is not enabled.");
    }
    return false;
  }

  void version(HttpRequest request, HttpResponse response) throws IOException {
    ServerView.Build build = server.build();
    response.header("Content-Type", "application/json");
    try (OutputStream out = response.body()) {
      JsonWriter json = new JsonWriter(out);
      json.beginObject().member("version", build.version());
      json.member("revision", build.revision()).member("branch", build.branch());
      json.member("buildUser", build.buildUser()).member("buildDate", build.buildDate());
      json.member("goVersion", build.goVersion()).endObject().drain();
    }
  }
}
