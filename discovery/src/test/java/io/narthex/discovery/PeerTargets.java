package io.narthex.discovery;

import io.narthex.testkit.Json;
import io.narthex.testkit.Peers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What Prometheus finds. */
public final class PeerTargets {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

  /** What Prometheus adds itself. */
  private static final Set<String> OWN =
      Set.of("__metrics_path__", "__scheme__", "__scrape_interval__", "__scrape_timeout__", "job");

  private PeerTargets() {}

  /**
   * What Prometheus 3.5.3 finds that is started with one job of this discovery section.
   *
   * @param count how many targets there will be
   * @return the labels that discovery gave each
   */
  public static Set<Map<String, String>> find(String section, int count)
      throws IOException, InterruptedException {
    return find(section, count, "prometheus35", Map.of(), List.of());
  }

  /**
   * The same of another Prometheus.
   *
   * @param peer its name among the peers
   * @param environment of the process, besides our own
   */
  public static Set<Map<String, String>> find(
      String section, int count, String peer, Map<String, String> environment)
      throws IOException, InterruptedException {
    return find(section, count, peer, environment, List.of());
  }

  /** The same with the beginning of a command that the program and its arguments are added to. */
  public static Set<Map<String, String>> find(String section, int count, List<String> launcher)
      throws IOException, InterruptedException {
    return find(section, count, "prometheus35", Map.of(), launcher);
  }

  private static Set<Map<String, String>> find(
      String section,
      int count,
      String peer,
      Map<String, String> environment,
      List<String> launcher)
      throws IOException, InterruptedException {
    Path program = Peers.program(peer);
    Path directory = Files.createTempDirectory("peer-discovery");
    Path log = directory.resolve("log");
    // Labels make targets of equal addresses different.
    String config =
        """
        scrape_configs:
        - job_name: peer
          scrape_interval: 1h
          relabel_configs:
          - {regex: __meta_(.+), action: labelmap}
        """;
    Path file = directory.resolve("prometheus.yml");
    Files.writeString(file, config + section.strip().indent(2));
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    List<String> command = new ArrayList<>(launcher);
    command.add(program.toString());
    command.add("--config.file=" + file);
    command.add("--storage.tsdb.path=" + directory.resolve("data"));
    command.add("--web.listen-address=127.0.0.1:" + port);
    command.add("--scrape.discovery-reload-interval=100ms");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/targets"))
              .build();
      long end = System.nanoTime() + PATIENCE;
      Set<Map<String, String>> found = Set.of();
      while (found.size() < count) {
        if (System.nanoTime() > end || !process.isAlive()) {
          throw new AssertionError(
              "Prometheus finds " + found + "\n" + section + "\n" + Files.readString(log));
        }
        TimeUnit.MILLISECONDS.sleep(50);
        try {
          HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
          // It may listen and not be ready yet.
          found = answer.statusCode() == 200 ? read(answer.body()) : Set.of();
        } catch (IOException e) {
          // It does not listen yet.
          found = Set.of();
        }
      }
      return found;
    } finally {
      process.destroy();
      process.waitFor();
      try (Stream<Path> files = Files.walk(directory)) {
        List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        for (Path each : deepestFirst) {
          Files.delete(each);
        }
      }
    }
  }

  private static Set<Map<String, String>> read(String body) {
    Set<Map<String, String>> targets = new HashSet<>();
    Json data = Json.parse(body).get("data");
    for (Json target : data.get("activeTargets").items()) {
      Json discovered = target.get("discoveredLabels");
      Map<String, String> labels = new TreeMap<>();
      discovered.names().forEach(name -> labels.put(name, discovered.get(name).text()));
      labels.keySet().removeAll(OWN);
      // Prometheus 2.42 sometimes shows one label more, which relabeling has made.
      Set<String> found = Set.copyOf(labels.keySet());
      labels.keySet().removeIf(name -> found.contains("__meta_" + name));
      targets.add(labels);
    }
    return targets;
  }
}
