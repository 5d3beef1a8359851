package io.narthex.discovery;

import io.narthex.net.secret.OneKey;
import io.narthex.net.secret.Pem;
import io.narthex.testkit.TestAuthority;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A proxy behind which vendors' hosts are the test's stub: it takes {@code CONNECT host:443},
 * speaks TLS in that host's name and hands what it hears to the stub. So a mechanism, ours or
 * Prometheus', asks the addresses that it always asks, and only its proxy and the authority that it
 * trusts are the test's.
 */
public final class VendorStub implements AutoCloseable {

  private final Stub stub;
  private final TestAuthority authority = new TestAuthority("vendors");
  private final SSLContext tls;
  private final Path authorityFile;
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /**
   * @param stub where everything leads
   * @param hosts that are answered for
   */
  public VendorStub(Stub stub, String... hosts) {
    this.stub = stub;
    try {
      TestAuthority.Issued issued = authority.issue("vendor", hosts);
      Pem.Pair pair =
          Pem.pair(
              issued.certificate().getBytes(StandardCharsets.US_ASCII),
              issued.key().getBytes(StandardCharsets.US_ASCII));
      tls = SSLContext.getInstance("TLS");
      tls.init(new KeyManager[] {new OneKey(pair)}, null, null);
      authorityFile = Files.createTempFile("authority", ".pem");
      Files.writeString(authorityFile, authority.certificate());
      server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::listen);
  }

  /** The keys of a section that lead here, for a flow map. */
  String keys() {
    String certificate = authority.certificate().replace("\n", "\\n");
    return "proxy_url: '" + url() + "', tls_config: {ca: \"" + certificate + "\"}";
  }

  /** The proxy's URL. */
  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** A file with the certificate of who signed ours, until this is closed. */
  public Path authority() {
    return authorityFile;
  }

  /** What was to be connected to, host and port. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  private void listen() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        open.add(client);
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        // Closed, or the client is gone already.
        continue;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      String line = readHead(client.getInputStream());
      String[] words = line.split(" ", -1);
      if (!words[0].equals("CONNECT")) {
        write(client, "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      asked.add(words[1]);
      write(client, "HTTP/1.1 200 Connection established\r\n\r\n");
      SSLSocket secure =
          (SSLSocket)
              tls.getSocketFactory().createSocket(client, InputStream.nullInputStream(), true);
      secure.startHandshake();
      try (secure;
          Socket back = new Socket(InetAddress.getLoopbackAddress(), stub.port())) {
        open.add(back);
        threads.execute(() -> pipe(secure, back));
        pipe(back, secure);
        open.remove(back);
      }
    } catch (IOException e) {
      // The client gave up, or the stub is away: closed connections tell the client.
    } finally {
      open.remove(client);
    }
  }

  private static String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("no request");
      }
      head.append((char) b);
    }
    return head.substring(0, head.indexOf("\r\n"));
  }

  private static void write(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Hands bytes on until one side ends, then ends both. */
  private static void pipe(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // The other side is gone, so is this one now.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
      Files.deleteIfExists(authorityFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.shutdownNow();
  }
}
