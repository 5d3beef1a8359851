package io.narthex.net.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The routes of a {@link Router}, cut into segments. Immutable. */
final class RouteTable {

  /** What answers a path. */
  sealed interface Match {
    /** A handler, and what the path's parameters are. */
    record Found(HttpHandler handler, Map<String, String> parameters) implements Match {}

    /** The path is there, but only for these methods. */
    record WrongMethod(Set<String> allowed) implements Match {}

    /** The path would be there with, or without, a slash at its end. */
    record Redirect(String rawPath) implements Match {}

    /** Nothing. */
    record Missing() implements Match {}
  }

  private record Compiled(Router.Route route, List<String> segments) {}

  private final List<Compiled> routes = new ArrayList<>();

  RouteTable(Router router) {
    for (Router.Route route : router.routes()) {
      if (!route.pattern().startsWith("/")) {
        throw new IllegalArgumentException("a route begins with a slash: " + route.pattern());
      }
      routes.add(new Compiled(route, split(route.pattern())));
    }
  }

  /**
   * Finds what answers a request.
   *
   * @throws UrlEncoding.BadEscape if the path cannot be decoded
   */
  Match find(String method, String rawPath) throws UrlEncoding.BadEscape {
    Match match = look(method, rawPath);
    if (match instanceof Match.Missing && rawPath.length() > 1) {
      String other =
          rawPath.endsWith("/") ? rawPath.substring(0, rawPath.length() - 1) : rawPath + "/";
      if (look(method, other) instanceof Match.Found) {
        return new Match.Redirect(other);
      }
    }
    return match;
  }

  private Match look(String method, String rawPath) throws UrlEncoding.BadEscape {
    List<String> segments = new ArrayList<>();
    for (String raw : split(rawPath)) {
      segments.add(UrlEncoding.decodePath(raw));
    }
    Set<String> allowed = new TreeSet<>();
    for (Compiled candidate : routes) {
      if (fits(candidate.segments, segments)) {
        if (candidate.route.methods().contains(method)) {
          return new Match.Found(
              candidate.route.handler(), parameters(candidate.segments, segments));
        }
        allowed.addAll(candidate.route.methods());
      }
    }
    return allowed.isEmpty() ? new Match.Missing() : new Match.WrongMethod(allowed);
  }

  private static List<String> split(String path) {
    List<String> segments = new ArrayList<>();
    int from = 1;
    while (true) {
      int to = path.indexOf('/', from);
      if (to < 0) {
        segments.add(path.substring(Math.min(from, path.length())));
        return segments;
      }
      segments.add(path.substring(from, to));
      from = to + 1;
    }
  }

  private static boolean fits(List<String> pattern, List<String> path) {
    for (int i = 0; i < pattern.size(); i++) {
      String wanted = pattern.get(i);
      if (wanted.endsWith("...}")) {
        return path.size() > i;
      }
      if (i >= path.size()) {
        return false;
      }
      boolean any = wanted.startsWith("{") && !path.get(i).isEmpty();
      if (!any && !wanted.equals(path.get(i))) {
        return false;
      }
    }
    return pattern.size() == path.size();
  }

  private static Map<String, String> parameters(List<String> pattern, List<String> path) {
    Map<String, String> found = new HashMap<>();
    for (int i = 0; i < pattern.size(); i++) {
      String wanted = pattern.get(i);
      if (wanted.endsWith("...}")) {
        found.put(
            wanted.substring(1, wanted.length() - 4),
            String.join("/", path.subList(i, path.size())));
      } else if (wanted.startsWith("{")) {
        found.put(wanted.substring(1, wanted.length() - 1), path.get(i));
      }
    }
    return found;
  }
}
