package io.narthex.net.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which handler answers which path. A pattern is a path whose segments may be {@code {name}} (one
 * segment) or, at its end, {@code {name...}} (the rest). The first route that fits is taken; a path
 * that fits only with another method answers 405.
 */
public final class Router {

  /** One route. */
  public record Route(Set<String> methods, String pattern, HttpHandler handler) {}

  private final List<Route> routes = new ArrayList<>();

  /** Adds a route for one method. */
  public Router on(String method, String pattern, HttpHandler handler) {
    return on(Set.of(method), pattern, handler);
  }

  /** Adds a route for some methods. */
  public Router on(Set<String> methods, String pattern, HttpHandler handler) {
    routes.add(new Route(Set.copyOf(methods), pattern, handler));
    return this;
  }

  /** Adds a route for GET (and HEAD). */
  public Router get(String pattern, HttpHandler handler) {
    return on(Set.of("GET", "HEAD"), pattern, handler);
  }

  /** Adds a route for GET (and HEAD) and POST. */
  public Router getAndPost(String pattern, HttpHandler handler) {
    return on(Set.of("GET", "HEAD", "POST"), pattern, handler);
  }

  /** The routes in order. */
  public List<Route> routes() {
    return List.copyOf(routes);
  }
}
