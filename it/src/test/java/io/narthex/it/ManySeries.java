package io.narthex.it;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Targets with many series each: counters that grow from page to page, and every third of them a
 * constant. A listening socket and a virtual thread each.
 */
final class ManySeries implements AutoCloseable {

  /** The names that the series of each target share. */
  static final int METRICS = 20;

  private static final int NUMBER_WIDTH = 12;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<ServerSocket> sockets = new ArrayList<>();

  ManySeries(int targets, int seriesEach) throws IOException {
    for (int target = 0; target < targets; target++) {
      ServerSocket socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      Page page = new Page(seriesEach);
      threads.submit(() -> {
        while (!socket.isClosed()) {
          Socket client = socket.accept();
          threads.submit(() -> serve(client, page));
        }
        return null;
      });
    }
  }

  /** The targets' ports. */
  List<Integer> ports() {
    return sockets.stream().map(ServerSocket::getLocalPort).toList();
  }

  private static Void serve(Socket client, Page page) throws IOException {
    try (client;
        OutputStream out = new BufferedOutputStream(client.getOutputStream(), 1 << 16)) {
      byte[] request = new byte[8192];
      while (client.getInputStream().read(request) > 0) {
        page.write(out);
      }
    }
    return null;
  }

  /** A page whose numbers have one width, so that the next one is written over the last. */
  private static final class Page {

    private final byte[] bytes;
    private final int[] changing;
    private final byte[] head;
    private long scrape;

    Page(int series) {
      StringBuilder text = new StringBuilder();
      int[] places = new int[series];
      int count = 0;
      for (int i = 0; i < series; i++) {
        text.append("work_")
            .append(i % METRICS)
            .append("_total{part=\"")
            .append(i / METRICS)
            .append("\"} ");
        if (i % 3 != 0) {
          places[count++] = text.length();
        }
        text.append("1".repeat(NUMBER_WIDTH)).append('\n');
      }
      changing = Arrays.copyOf(places, count);
      bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
      head =
          ("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: "
                  + bytes.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
    }

    synchronized void write(OutputStream out) throws IOException {
      scrape++;
      for (int i = 0; i < changing.length; i++) {
        long number = 100_000_000_000L + scrape * (1 + i % 97);
        for (int at = changing[i] + NUMBER_WIDTH - 1; at >= changing[i]; at--) {
          bytes[at] = (byte) ('0' + number % 10);
          number /= 10;
        }
      }
      out.write(head);
      out.write(bytes);
      out.flush();
    }
  }

  @Override
  public void close() throws IOException {
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
