package io.narthex.discovery.kubernetes;

import static java.util.Objects.requireNonNull;

import io.narthex.base.json.JsonValue;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * An API server of a test: keeps objects, lists them (in pages if asked), and streams what happens
 * to them, with versions, bookmarks and forgetfulness as the Kubernetes documentation ("Kubernetes
 * API Concepts") describes them. It speaks HTTP itself, so that it can hang up in the middle of a
 * sentence. Thread-safe.
 */
final class KubeStub implements AutoCloseable {

  /** A request. */
  record Asked(String path, Map<String, String> query, Map<String, String> headers) {
    boolean isWatch() {
      return query.containsKey("watch");
    }
  }

  private record Stored(
      String json, String namespace, String name, Map<String, String> labels, String node) {

    boolean matches(String inNamespace, Map<String, String> query) {
      if (!inNamespace.isEmpty() && !inNamespace.equals(namespace)) {
        return false;
      }
      for (String term : query.getOrDefault("labelSelector", "").split(",")) {
        String[] parts = term.split("=", 2);
        if (!term.isEmpty() && !parts[1].equals(labels.get(parts[0]))) {
          return false;
        }
      }
      for (String term : query.getOrDefault("fieldSelector", "").split(",")) {
        String[] parts = term.split("=", 2);
        String field = parts[0].equals("metadata.name") ? name : node;
        if (!term.isEmpty() && !parts[1].equals(field)) {
          return false;
        }
      }
      return true;
    }
  }

  private record Event(
      long version, String resource, String type, Stored object, @Nullable Stored before) {}

  /** A watch that is being answered. */
  private record Watch(
      String resource,
      String namespace,
      Map<String, String> query,
      Socket socket,
      BlockingQueue<String> lines) {

    void offer(Event event) {
      boolean was = event.before != null && event.before.matches(namespace, query);
      boolean is = !event.type.equals("DELETED") && event.object.matches(namespace, query);
      if (is) {
        lines.add(line(was ? "MODIFIED" : "ADDED", event.object.json));
      } else if (was) {
        lines.add(line("DELETED", event.object.json));
      }
    }
  }

  private static final String END = "";

  private static final Map<String, String[]> KINDS =
      Map.of(
          "nodes", new String[] {"Node", "v1"},
          "pods", new String[] {"Pod", "v1"},
          "services", new String[] {"Service", "v1"},
          "endpoints", new String[] {"Endpoints", "v1"},
          "namespaces", new String[] {"Namespace", "v1"},
          "endpointslices", new String[] {"EndpointSlice", "discovery.k8s.io/v1"},
          "ingresses", new String[] {"Ingress", "networking.k8s.io/v1"},
          "replicasets", new String[] {"ReplicaSet", "apps/v1"},
          "jobs", new String[] {"Job", "batch/v1"});

  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final Set<Socket> sockets = new HashSet<>();
  private final List<Watch> watches = new ArrayList<>();
  private final Map<String, TreeMap<String, Stored>> objects = new HashMap<>();
  private final List<Event> history = new ArrayList<>();
  private final Set<String> refused = new HashSet<>();
  private long version = 1_000;
  private long oldest = 1_000;
  private int pageSize;
  private boolean pagesExpire;
  private boolean pagesRepeat;
  private boolean broken;
  private ServerSocket server;

  KubeStub() {
    this.server = listen(0);
  }

  private ServerSocket listen(int port) {
    try {
      ServerSocket opened = new ServerSocket();
      opened.setReuseAddress(true);
      opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
      Thread.ofVirtual().start(() -> accept(opened));
      return opened;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // What the test does to the cluster.

  /** Creates an object or replaces it; returns its version. */
  synchronized long put(String resource, String json) {
    version++;
    String[] kind = kind(resource);
    String full =
        json.strip()
            .replaceFirst(
                "^\\{", "{\"kind\":\"" + kind[0] + "\",\"apiVersion\":\"" + kind[1] + "\",")
            .replaceFirst(
                "\"metadata\": *\\{", "\"metadata\":{\"resourceVersion\":\"" + version + "\",");
    Stored stored = stored(full.replace("\n", " "));
    String key = stored.namespace + "/" + stored.name;
    Stored before = objects.computeIfAbsent(resource, r -> new TreeMap<>()).put(key, stored);
    happened(new Event(version, resource, "PUT", stored, before));
    return version;
  }

  private static String[] kind(String resource) {
    return requireNonNull(KINDS.get(resource));
  }

  private static Stored stored(String json) {
    try {
      JsonValue object = JsonValue.parse(json.getBytes(StandardCharsets.UTF_8));
      JsonValue metadata = object.get("metadata");
      Map<String, String> labels = new HashMap<>();
      for (Map.Entry<String, JsonValue> label : metadata.get("labels").members().entrySet()) {
        labels.put(label.getKey(), label.getValue().text());
      }
      String node = object.get("spec").text("nodeName");
      return new Stored(json, metadata.text("namespace"), metadata.text("name"), labels, node);
    } catch (IOException e) {
      throw new UncheckedIOException(json, e);
    }
  }

  /** Deletes an object. */
  synchronized void delete(String resource, String namespace, String name) {
    Stored gone = objects.getOrDefault(resource, new TreeMap<>()).remove(namespace + "/" + name);
    if (gone == null) {
      throw new IllegalStateException("no " + namespace + "/" + name);
    }
    version++;
    String json =
        gone.json.replaceFirst(
            "\"resourceVersion\":\"\\d+\"", "\"resourceVersion\":\"" + version + "\"");
    Stored last = new Stored(json, gone.namespace, gone.name, gone.labels, gone.node);
    happened(new Event(version, resource, "DELETED", last, gone));
  }

  private void happened(Event event) {
    history.add(event);
    watches.stream().filter(w -> w.resource.equals(event.resource)).forEach(w -> w.offer(event));
  }

  /** Forgets all versions but the newest: what is watched from an older one is gone. */
  synchronized void forget() {
    version++;
    oldest = version;
    history.clear();
  }

  /** Tells every watch that its version is too old. */
  synchronized void expire() {
    forget();
    for (Watch watch : watches) {
      watch.lines.add(line("ERROR", status(410, "Expired", "too old resource version")));
      watch.lines.add(END);
    }
  }

  /** Tells every watch the version. */
  synchronized void bookmark() {
    for (Watch watch : watches) {
      String[] kind = kind(watch.resource);
      watch.lines.add(
          line(
              "BOOKMARK",
              "{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"%d\"}}"
                  .formatted(kind[0], kind[1], version)));
    }
  }

  /** Ends every watch in good order. */
  synchronized void endWatches() {
    watches.forEach(watch -> watch.lines.add(END));
  }

  /** Hangs up on every watch, perhaps in the middle of an event. */
  synchronized void disconnect() {
    for (Watch watch : watches) {
      hangUp(watch.socket);
      watch.lines.add(END);
    }
  }

  /** Sends this to every watch, whatever it is. */
  synchronized void say(String text) {
    watches.forEach(watch -> watch.lines.add(text));
  }

  /** The most objects in an answer; 0 for all. */
  synchronized void pages(int size) {
    pageSize = size;
  }

  /** Whether the pages after the first are gone when they are asked for. */
  synchronized void pagesExpire(boolean is) {
    pagesExpire = is;
  }

  /** Whether the server sends the same page again and again. */
  synchronized void pagesRepeat(boolean is) {
    pagesRepeat = is;
  }

  /** Whether every request is answered by 500. */
  synchronized void broken(boolean is) {
    broken = is;
  }

  /** Forbids a path. */
  synchronized void refuse(String path) {
    refused.add(path);
  }

  /** Allows it again. */
  synchronized void allow(String path) {
    refused.remove(path);
  }

  /** Goes away, until it is {@link #back}. */
  void away() throws IOException {
    server.close();
    synchronized (this) {
      sockets.forEach(KubeStub::hangUp);
      watches.forEach(watch -> watch.lines.add(END));
    }
  }

  /** Is there again, at the same address. */
  void back() {
    server = listen(server.getLocalPort());
  }

  synchronized int watching() {
    return watches.size();
  }

  /** The sizes of all objects of a kind, together. */
  synchronized long bytes(String resource) {
    return objects.getOrDefault(resource, new TreeMap<>()).values().stream()
        .mapToLong(object -> object.json.length())
        .sum();
  }

  /** All requests so far. */
  List<Asked> asked() {
    return List.copyOf(asked);
  }

  /** The requests for a resource. */
  List<Asked> asked(String resource, boolean watch) {
    return asked.stream()
        .filter(a -> a.path.endsWith("/" + resource) && a.isWatch() == watch)
        .toList();
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  private static void hangUp(Socket socket) {
    try {
      // At once, and not in good order.
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // A thread that serves may have closed it meanwhile, which is all that is wanted.
      if (!socket.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    away();
  }

  // What it says.

  private static String line(String type, String object) {
    return "{\"type\":\"" + type + "\",\"object\":" + object + "}\n";
  }

  private static String status(int code, String reason, String message) {
    return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
        + "\"message\":\"%s\",\"reason\":\"%s\",\"code\":%d}".formatted(message, reason, code);
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket socket = from.accept();
        synchronized (this) {
          if (from.isClosed()) {
            hangUp(socket); // it was quick enough to come while the server went
            return;
          }
          sockets.add(socket);
        }
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      for (Asked request = read(in); request != null; request = read(in)) {
        asked.add(request);
        answer(request, socket, out);
      }
    } catch (IOException e) {
      // The client has gone, or the test has hung up.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        sockets.remove(socket);
      }
    }
  }

  private static @Nullable Asked read(InputStream in) throws IOException {
    List<String> head = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); ; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (c == '\n') {
        String text = line.toString(StandardCharsets.UTF_8).strip();
        line.reset();
        if (text.isEmpty()) {
          break;
        }
        head.add(text);
      } else {
        line.write(c);
      }
    }
    String[] target = head.getFirst().split(" ")[1].split("\\?", 2);
    Map<String, String> query = new HashMap<>();
    for (String pair : target.length < 2 ? new String[0] : target[1].split("&")) {
      String[] parts = pair.split("=", 2);
      query.put(
          parts[0], URLDecoder.decode(parts.length < 2 ? "" : parts[1], StandardCharsets.UTF_8));
    }
    Map<String, String> headers = new HashMap<>();
    for (String header : head.subList(1, head.size())) {
      String[] parts = header.split(":", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1].strip());
    }
    return new Asked(target[0], query, headers);
  }

  private void answer(Asked request, Socket socket, OutputStream out)
      throws IOException, InterruptedException {
    String[] path = request.path.split("/");
    String resource = path[path.length - 1];
    boolean scoped = path.length > 3 && path[path.length - 3].equals("namespaces");
    String namespace = scoped ? path[path.length - 2] : "";
    boolean fails;
    boolean forbidden;
    synchronized (this) {
      fails = broken;
      forbidden = refused.contains(request.path);
    }
    if (fails) {
      send(out, 500, status(500, "InternalError", "broken"));
    } else if (!KINDS.containsKey(resource)) {
      send(out, 404, status(404, "NotFound", "no " + request.path));
    } else if (forbidden) {
      send(out, 403, status(403, "Forbidden", resource + " is forbidden"));
    } else if (request.query.containsKey("sendInitialEvents")) {
      send(out, 422, status(422, "Invalid", "sendInitialEvents is not supported"));
    } else if (request.isWatch()) {
      watch(request, resource, namespace, socket, out);
    } else {
      list(request, resource, namespace, out);
    }
  }

  private void list(Asked request, String resource, String namespace, OutputStream out)
      throws IOException {
    List<Stored> all = new ArrayList<>();
    String next = "";
    long at;
    synchronized (this) {
      at = version;
      for (Stored object : objects.getOrDefault(resource, new TreeMap<>()).values()) {
        if (object.matches(namespace, request.query)) {
          all.add(object);
        }
      }
      String from = request.query.getOrDefault("continue", "");
      int limit = Integer.parseInt(request.query.getOrDefault("limit", "0"));
      if (!from.isEmpty() && pagesExpire) {
        send(out, 410, status(410, "Expired", "the continue token is too old"));
        return;
      }
      int first = from.isEmpty() || pagesRepeat ? 0 : Integer.parseInt(from);
      int size = limit == 0 || pageSize == 0 ? all.size() : Math.min(limit, pageSize);
      int end = Math.min(all.size(), first + size);
      next = end < all.size() ? Integer.toString(end) : "";
      all = all.subList(Math.min(first, end), end);
    }
    String[] kind = kind(resource);
    StringBuilder body = new StringBuilder();
    body.append("{\"kind\":\"%sList\",\"apiVersion\":\"%s\",".formatted(kind[0], kind[1]));
    body.append("\"metadata\":{\"resourceVersion\":\"").append(at).append('"');
    if (!next.isEmpty()) {
      body.append(",\"continue\":\"").append(next).append('"');
    }
    body.append("},\"items\":[");
    for (int i = 0; i < all.size(); i++) {
      body.append(i == 0 ? "" : ",").append(all.get(i).json);
    }
    send(out, 200, body.append("]}").toString());
  }

  private void watch(
      Asked request, String resource, String namespace, Socket socket, OutputStream out)
      throws IOException, InterruptedException {
    long from = Long.parseLong(request.query.getOrDefault("resourceVersion", "0"));
    Watch watch =
        new Watch(resource, namespace, request.query, socket, new LinkedBlockingQueue<>());
    synchronized (this) {
      if (from < oldest) {
        send(out, 410, status(410, "Expired", "too old resource version: " + from));
        return;
      }
      history.stream()
          .filter(event -> event.version > from && event.resource.equals(resource))
          .forEach(watch::offer);
      watches.add(watch);
    }
    try {
      out.write(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
              .getBytes(StandardCharsets.UTF_8));
      out.flush();
      for (String line = watch.lines.take(); !line.equals(END); line = watch.lines.take()) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.write(bytes);
        out.write("\r\n".getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
      out.write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      out.flush();
    } finally {
      synchronized (this) {
        watches.remove(watch);
      }
    }
  }

  private static void send(OutputStream out, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(status, bytes.length);
    out.write(head.getBytes(StandardCharsets.UTF_8));
    out.write(bytes);
    out.flush();
  }
}
