package io.narthex.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.GZIPOutputStream;

/**
 * Thousands of targets behind one port, told apart by their paths, each with a page of twenty
 * series. It remembers when each was asked.
 */
final class TargetFarm implements AutoCloseable {

  static final int SERIES = 20;

  private final ServerSocket socket;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<ConcurrentLinkedQueue<Long>> asked = new ArrayList<>();
  private final LongAdder zipped = new LongAdder();

  TargetFarm(int targets) throws IOException {
    socket = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
    for (int i = 0; i < targets; i++) {
      asked.add(new ConcurrentLinkedQueue<>());
    }
    threads.submit(this::accept);
  }

  /** Writes the file in which file discovery finds the targets. */
  void writeTargets(Path file) throws IOException {
    StringBuilder json = new StringBuilder("[");
    for (int i = 0; i < asked.size(); i++) {
      json.append(i == 0 ? "\n" : ",\n")
          .append("{\"targets\":[\"127.0.0.1:")
          .append(socket.getLocalPort())
          .append("\"],\"labels\":{\"__metrics_path__\":\"/")
          .append(i)
          .append("\",\"instance\":\"target-")
          .append(i)
          .append("\"}}");
    }
    Files.writeString(file, json.append("\n]\n"));
  }

  /** Forgets when targets were asked. */
  void forget() {
    asked.forEach(ConcurrentLinkedQueue::clear);
    zipped.reset();
  }

  /** When each target was asked, {@code System.nanoTime}, in their order. */
  List<long[]> asked() {
    return asked.stream()
        .map(times -> times.stream().mapToLong(Long::longValue).toArray())
        .toList();
  }

  /** How many answers went out compressed. */
  long zipped() {
    return zipped.sum();
  }

  private Void accept() throws IOException {
    while (true) {
      Socket client = socket.accept();
      threads.submit(() -> serve(client));
    }
  }

  private Void serve(Socket client) throws IOException {
    try (client;
        InputStream in = new BufferedInputStream(client.getInputStream(), 2048);
        OutputStream out = client.getOutputStream()) {
      client.setTcpNoDelay(true);
      while (true) {
        String head = head(in);
        if (head.isEmpty()) {
          return null;
        }
        long now = System.nanoTime();
        int target = Integer.parseInt(head.substring(head.indexOf('/') + 1, head.indexOf(" HTTP")));
        asked.get(target).add(now);
        boolean zip = head.toLowerCase(Locale.ROOT).contains("accept-encoding: gzip");
        out.write(answer(page(target, now / 1_000_000_000L), zip));
      }
    } catch (SocketException e) {
      // The server has closed its connection, or the test is over.
      return null;
    }
  }

  /** A request's head; empty at the end of the connection. */
  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      head.append((char) c);
      if (c == '\n' && head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
        return head.toString();
      }
    }
    return "";
  }

  private static byte[] page(int target, long second) {
    StringBuilder page = new StringBuilder("# TYPE farm_work_seconds_total counter\n");
    for (int i = 0; i < SERIES; i++) {
      page.append("farm_work_seconds_total{worker=\"")
          .append(i)
          .append("\",room=\"north\",kind=\"steady\"} ")
          .append((second + target) * (i + 1) / 4.0)
          .append('\n');
    }
    return page.toString().getBytes(StandardCharsets.UTF_8);
  }

  private byte[] answer(byte[] page, boolean zip) throws IOException {
    byte[] body = page;
    if (zip) {
      zipped.increment();
      ByteArrayOutputStream packed = new ByteArrayOutputStream(1024);
      try (GZIPOutputStream gzip = new GZIPOutputStream(packed, 1024)) {
        gzip.write(page);
      }
      body = packed.toByteArray();
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream(body.length + 160);
    answer.writeBytes(
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                + (zip ? "Content-Encoding: gzip\r\n" : "")
                + "Content-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    answer.writeBytes(body);
    return answer.toByteArray();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
