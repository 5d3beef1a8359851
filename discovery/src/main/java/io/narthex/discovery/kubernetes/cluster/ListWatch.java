package io.narthex.discovery.kubernetes.cluster;

import io.narthex.base.json.JsonStream;
import io.narthex.base.json.JsonValue;
import io.narthex.net.request.Exchange;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps somebody informed of all objects of one kind: lists them once, then watches what happens to
 * them, from the version on that the list had. Runs until it is interrupted.
 *
 * <p>The watch is what has to survive. A server ends each after a few minutes, or goes away in the
 * middle of one: it is taken up from the last version that was seen, be it of an object or of a
 * bookmark, and nothing is missed. A server forgets old versions: it says {@code 410 Gone}, as the
 * status of an answer or as an event; then all is listed anew. So it is after any other refusal
 * (the server may be another one than before, with other versions), but for 429, which only asks
 * for patience. While the server cannot be reached nothing is told, and what is known stays.
 *
 * <p>Watches are asked to end after two to four minutes and not after five to ten, as others do:
 * HTTP/1.1 has no pings, so that is how long a connection that died silently stays unnoticed.
 *
 * <p>Rules: Kubernetes documentation, "Kubernetes API Concepts: Efficient detection of changes".
 */
public final class ListWatch<T> {

  private static final Logger LOG = LoggerFactory.getLogger(ListWatch.class);

  /** How many objects are asked for at once; a server that has them at hand may send all. */
  private static final int PAGE = 500;

  private static final Duration LEAST_WATCH = Duration.ofMinutes(2);
  private static final Duration LEAST_PAUSE = Duration.ofMillis(800);
  private static final Duration MOST_PAUSE = Duration.ofSeconds(30);

  /** A watch that ends sooner than this was no success. */
  private static final Duration SHORT = Duration.ofSeconds(1);

  /** After so many failures without any success between the watch is given up and all listed. */
  private static final int MOST_FAILURES = 3;

  /** Members that are large, and of no use to anybody here. */
  private static final Set<String> WITHOUT = Set.of("managedFields");

  /** Makes an object of what the server says of it. */
  @FunctionalInterface
  public interface Decoder<T> {

    /**
     * Takes what is needed.
     *
     * @throws IOException if it is of another shape than the API's
     */
    T decode(JsonValue json) throws IOException;
  }

  /** Is told what happens. Called by one thread. */
  public interface Handler<T> {

    /** These are all objects now. */
    void all(List<T> objects);

    /** An object is new or has changed. */
    void put(T object);

    /** An object is gone; this is what it was at last. */
    void gone(T object);
  }

  /**
   * What is listed and watched.
   *
   * @param namespace empty for all
   * @param labels a selector, empty for all objects
   * @param fields likewise
   */
  public record Selection(Resource resource, String namespace, String labels, String fields) {

    private String query() {
      String query = "";
      if (!labels.isEmpty()) {
        query += "&labelSelector=" + Resource.escaped(labels);
      }
      if (!fields.isEmpty()) {
        query += "&fieldSelector=" + Resource.escaped(fields);
      }
      return query;
    }
  }

  private final ApiServer server;
  private final Selection selection;
  private final Decoder<T> decoder;
  private final Handler<T> handler;

  /** What a list asks for: at first whatever the server has at hand, later its newest. */
  private String listVersion = "0";

  /** The version up to which everything is known. */
  private String version = "";

  private int failures;

  /** Makes it ready. */
  public ListWatch(ApiServer server, Selection selection, Decoder<T> decoder, Handler<T> handler) {
    this.server = server;
    this.selection = selection;
    this.decoder = decoder;
    this.handler = handler;
  }

  /** Lists and watches. */
  public void run() throws InterruptedException {
    while (true) {
      try {
        list();
        failures = 0;
        while (watch()) {
          // From where it ended.
        }
        listVersion = "";
      } catch (IOException | RuntimeException e) {
        failed("list or watch", e);
        listVersion = "";
        pause();
      }
    }
  }

  private void failed(String what, Exception e) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    failures++;
    server.context().metrics().kubernetes().failed();
    LOG.atWarn()
        .addKeyValue("discovery", "kubernetes")
        .addKeyValue("config", server.context().job())
        .addKeyValue("resource", plural())
        .addKeyValue("err", e.getMessage())
        .setCause(e instanceof RuntimeException ? e : null)
        .log("Failed to {}; what is known stays", what);
  }

  private void list() throws IOException, InterruptedException {
    List<T> objects = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    String next = listPage(objects, PAGE, "");
    while (!next.isEmpty()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (!seen.add(next)) {
        throw new IOException("list " + plural() + ": the server repeats its pages");
      }
      try {
        next = listPage(objects, PAGE, next);
      } catch (Refusal e) {
        if (!e.isGone()) {
          throw e;
        }
        // The pages' common version was forgotten between two of them: all of it at once, then.
        objects.clear();
        next = listPage(objects, 0, "");
      }
    }
    handler.all(objects);
  }

  /** Reads a page; returns where the next one begins, empty if there is none. */
  private String listPage(List<T> objects, int limit, String next) throws IOException {
    String query = limit > 0 ? "limit=" + limit : "";
    if (!next.isEmpty()) {
      query += "&continue=" + Resource.escaped(next);
    } else if (!listVersion.isEmpty()) {
      query += "&resourceVersion=" + listVersion;
    }
    query += selection.query();
    JsonValue metadata = null;
    boolean hasItems = false;
    try (Exchange exchange =
            server.list(
                selection.resource,
                selection.namespace,
                query.startsWith("&") ? query.substring(1) : query);
        JsonStream json = new JsonStream(exchange.body())) {
      if (!json.next() || !json.beginObject()) {
        throw new IOException("list " + plural() + ": the answer is empty");
      }
      for (String name = json.nextName(); name != null; name = json.nextName()) {
        switch (name) {
          case "metadata" -> metadata = json.value();
          case "items" -> {
            hasItems = true;
            if (json.beginArray()) {
              while (json.nextItem()) {
                objects.add(decoder.decode(json.value(WITHOUT)));
              }
            }
          }
          default -> json.skip();
        }
      }
    }
    if (metadata == null || !hasItems) {
      throw new IOException("list " + plural() + ": the answer is no list");
    }
    version = metadata.text("resourceVersion");
    return metadata.text("continue");
  }

  /**
   * Watches once.
   *
   * @return whether to go on from the last version; else all is to be listed
   * @throws Refusal if the server does not want to, and not because the version is too old
   */
  private boolean watch() throws IOException, InterruptedException {
    long begin = server.context().clock().nanos();
    boolean open = false;
    boolean broke = false;
    try (Exchange exchange = openWatch();
        JsonStream json = new JsonStream(exchange.body())) {
      open = true;
      while (json.next()) {
        event(json.value(WITHOUT));
        failures = 0;
      }
    } catch (Refusal e) {
      if (e.isGone()) {
        LOG.debug("Listing {} anew: {}", plural(), e.getMessage());
        return false;
      }
      if (!e.isBusy()) {
        throw e;
      }
      failed("watch", e);
      pause();
      return true;
    } catch (SocketTimeoutException e) {
      LOG.debug("A watch of {} has come to its end", plural());
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (!open) {
        failed("watch", e);
        pause();
        return true;
      }
      LOG.debug("A watch of {} broke: {}", plural(), e.getMessage());
      broke = true;
    }
    boolean isShort = server.context().clock().nanos() - begin < SHORT.toNanos();
    failures = broke ? failures + 1 : isShort ? Math.max(1, failures) : 0;
    if (isShort) {
      pause();
    }
    return failures < MOST_FAILURES;
  }

  private String plural() {
    return selection.resource.plural();
  }

  private Exchange openWatch() throws IOException {
    long seconds =
        ThreadLocalRandom.current().nextLong(LEAST_WATCH.toSeconds(), 2 * LEAST_WATCH.toSeconds());
    String query =
        "allowWatchBookmarks=true&resourceVersion="
            + Resource.escaped(version)
            + "&timeoutSeconds="
            + seconds
            + "&watch=true"
            + selection.query();
    return server.watch(
        selection.resource, selection.namespace, query, Duration.ofSeconds(seconds));
  }

  private void event(JsonValue event) throws IOException {
    JsonValue object = event.get("object");
    String type = event.text("type");
    switch (type) {
      case "ADDED", "MODIFIED" -> handler.put(decoder.decode(object));
      case "DELETED" -> handler.gone(decoder.decode(object));
      case "BOOKMARK" -> {
        // Nothing happened, up to this version.
      }
      case "ERROR" -> throw Refusal.of("watch " + plural(), object);
      default -> throw new IOException("an event of an unknown type: " + type);
    }
    version = object.get("metadata").text("resourceVersion");
  }

  /** Waits the longer the more failures there were, and never all at the same time. */
  private void pause() throws InterruptedException {
    int doublings = Math.min(Math.max(failures - 1, 0), 6);
    long millis = Math.min(LEAST_PAUSE.toMillis() << doublings, MOST_PAUSE.toMillis());
    long spread = ThreadLocalRandom.current().nextLong(millis / 2 + 1);
    server.context().clock().sleep(Duration.ofMillis(millis / 2 + spread));
  }
}
