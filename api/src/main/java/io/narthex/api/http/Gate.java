package io.narthex.api.http;

import io.narthex.api.port.ServerView;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.HttpRequest;
import java.io.IOException;

/** Lets requests through once the server is ready, and until it stops. */
public final class Gate {

  private final ServerView server;

  public Gate(ServerView server) {
    this.server = server;
  }

  /** A handler behind the gate. */
  public HttpHandler behind(HttpHandler handler) {
    return behind(handler, request -> false);
  }

  /** A handler of what is taken in: it need not wait until the server is ready. */
  public HttpHandler behindUnlessStarting(HttpHandler handler) {
    return behind(handler, request -> true);
  }

  /** A handler that does not wait either where the request's parameter {@code partial} is true. */
  public HttpHandler behindUnlessPartial(HttpHandler handler) {
    return behind(handler, request -> request.form().first("partial").equals("true"));
  }

  /** Whether a request is answered while the server starts. */
  @FunctionalInterface
  private interface Early {
    boolean allows(HttpRequest request) throws IOException;
  }

  private HttpHandler behind(HttpHandler handler, Early early) {
    return (request, response) -> {
      ServerView.State state = server.state();
      if (state == ServerView.State.READY
          || (state == ServerView.State.STARTING && early.allows(request))) {
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
