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
    return behind(handler, false);
  }

  /** A handler of what is taken in: it need not wait until the server is ready. */
  public HttpHandler behindUnlessStarting(HttpHandler handler) {
    return behind(handler, true);
  }

  private HttpHandler behind(HttpHandler handler, boolean early) {
    return (request, response) -> {
      ServerView.State state = server.state();
      if (state == ServerView.State.READY || (early && state == ServerView.State.STARTING)) {
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
