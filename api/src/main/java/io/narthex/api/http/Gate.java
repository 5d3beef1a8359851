package io.narthex.api.http;

import io.narthex.api.port.ServerView;
import io.narthex.net.http.HttpHandler;

/** Lets requests through once the server is ready, and until it stops. */
public final class Gate {

  private final ServerView server;

  public Gate(ServerView server) {
    this.server = server;
  }

  /** A handler behind the gate. */
  public HttpHandler behind(HttpHandler handler) {
    return (request, response) -> {
      ServerView.State state = server.state();
      if (state == ServerView.State.READY) {
        handler.handle(request, response);
        return;
      }
      response
          .status(503)
          .header("X-Prometheus-Stopping", String.valueOf(state == ServerView.State.STOPPING))
          .sendText("Service Unavailable");
    };
  }
}
