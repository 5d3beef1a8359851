package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many targets that answer garbage, nothing, too much, too slowly, or close half way must not cost
 * the good ones a single scrape.
 */
final class HostileTargetsTest {

  private static final int GOOD = 10;
  private static final String PAGE =
      "# TYPE temperature gauge\ntemperature{room=\"kitchen\"} 21.5\nrequests_total 7\n";

  /** How a hostile target behaves. */
  private enum Manner {
    GOOD,
    GARBAGE,
    NOTHING,
    TOO_MUCH,
    TOO_SLOW,
    HALF
  }

  @TempDir private Path folder;

  @Test
  void goodTargetsLoseNoScrape() throws Exception {
    int hostile = Proof.size(200, 1000);
    int seconds = Proof.size(20, 300);
    int port = Program.freePort();
    Api api = new Api(port);
    try (Crowd crowd = new Crowd();
        Program server =
            Program.narthex(
                folder,
                "prometheus",
                "--config.file=" + configuration(crowd, hostile),
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)) {
      server.awaitReady(api);
      Thread.sleep(5_000);
      long rssAtStart = server.memoryKilobytes("VmRSS");
      Thread.sleep(seconds * 1000L + 2_000);
      // What was asked in the last moments may still be on its way.
      double end = Double.parseDouble(api.query("time()").get(1).text()) - 1.5;
      String now = Double.toString(end);
      assertNoneLost(api.samples("up{job=\"good\"}[" + seconds + "s]", now), end - seconds, end);
      assertThat(
              api.query("count(up{job=\"hostile\"} == 0)", now).get(0).get("value").get(1).text())
          .isEqualTo(Integer.toString(hostile));
      long rssAtEnd = server.memoryKilobytes("VmRSS");
      Proof.says(
          "%d hostile targets beside %d good ones for %d s at 1 s: no good scrape lost; resident"
              + " memory %d MB at 5 s, %d MB at the end, growth %d MB",
          hostile,
          GOOD,
          seconds,
          rssAtStart / 1024,
          rssAtEnd / 1024,
          (rssAtEnd - rssAtStart) / 1024);
      assertThat(rssAtEnd - rssAtStart).as("growth of resident memory, kB").isLessThan(200_000);
      assertThat(server.stop()).isZero();
    }
  }

  /** Asserts that each was asked once in each second, with success. */
  private static void assertNoneLost(
      Map<String, TreeMap<Double, String>> up, double begin, double end) {
    assertThat(up).hasSize(GOOD);
    up.forEach((target, samples) -> {
      assertThat(samples.values()).as(target).containsOnly("1");
      double last = begin;
      for (double time : samples.keySet()) {
        assertThat(time - last).as("%s, seconds to the scrape at %s", target, time).isLessThan(1.5);
        last = time;
      }
      assertThat(end - last).as("%s, seconds after its last scrape", target).isLessThan(1.5);
    });
  }

  private Path configuration(Crowd crowd, int hostile) throws IOException {
    StringBuilder yaml =
        new StringBuilder("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n");
    yaml.append("- job_name: good\n  static_configs:\n  - targets:\n");
    for (int i = 0; i < GOOD; i++) {
      yaml.append("    - 127.0.0.1:").append(crowd.open(Manner.GOOD)).append('\n');
    }
    yaml.append("- job_name: hostile\n  body_size_limit: 1MB\n  static_configs:\n  - targets:\n");
    Manner[] manners = Manner.values();
    for (int i = 0; i < hostile; i++) {
      Manner manner = manners[1 + i % (manners.length - 1)];
      yaml.append("    - 127.0.0.1:").append(crowd.open(manner)).append('\n');
    }
    Path file = folder.resolve("prometheus.yml");
    Files.writeString(file, yaml);
    return file;
  }

  /** The targets: a listening socket and a virtual thread each. */
  private static final class Crowd implements AutoCloseable {

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<ServerSocket> sockets = new ArrayList<>();

    int open(Manner manner) throws IOException {
      ServerSocket socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      threads.submit(() -> {
        while (!socket.isClosed()) {
          Socket client = socket.accept();
          threads.submit(() -> serve(client, manner));
        }
        return null;
      });
      return socket.getLocalPort();
    }

    private static Void serve(Socket client, Manner manner) throws Exception {
      try (client;
          OutputStream out = client.getOutputStream()) {
        byte[] request = new byte[8192];
        while (client.getInputStream().read(request) > 0) {
          switch (manner) {
            case GOOD -> answer(out, PAGE);
            case GARBAGE -> answer(out, "\u0001\u0002{{{ = not = a = page\n}{\n");
            case NOTHING -> Thread.sleep(60_000);
            case TOO_MUCH -> {
              head(out, 50_000_000);
              byte[] line = "flood{number=\"1\"} 1\n".repeat(512).getBytes(StandardCharsets.UTF_8);
              for (int sent = 0; sent < 50_000_000; sent += line.length) {
                out.write(line);
              }
            }
            case TOO_SLOW -> {
              head(out, PAGE.length());
              for (byte b : PAGE.getBytes(StandardCharsets.UTF_8)) {
                out.write(b);
                out.flush();
                Thread.sleep(500);
              }
            }
            case HALF -> {
              head(out, PAGE.length());
              out.write(PAGE.substring(0, PAGE.length() / 2).getBytes(StandardCharsets.UTF_8));
              out.flush();
              return null;
            }
          }
        }
      }
      return null;
    }

    private static void answer(OutputStream out, String page) throws IOException {
      byte[] body = page.getBytes(StandardCharsets.UTF_8);
      head(out, body.length);
      out.write(body);
      out.flush();
    }

    private static void head(OutputStream out, int length) throws IOException {
      out.write(
          ("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: "
                  + length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
      threads.shutdownNow();
    }
  }
}
