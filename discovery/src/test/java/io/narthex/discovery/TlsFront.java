package io.narthex.discovery;

import io.narthex.testkit.TestAuthority;
import java.io.ByteArrayInputStream;
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
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A proxy that leads every host to one stub, and answers TLS for the hosts it has names of: for
 * mechanisms whose vendors' addresses are not to be set.
 */
public final class TlsFront implements AutoCloseable {

  private final Stub stub;
  private final SSLContext tls;
  private final Path authority;
  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /**
   * @param stub where everything leads
   * @param hosts that are answered for
   */
  public TlsFront(Stub stub, String... hosts) {
    this.stub = stub;
    try {
      TestAuthority issuer = new TestAuthority("front");
      this.tls = context(issuer.issue("front", hosts));
      this.authority = Files.createTempFile("front", ".pem");
      Files.writeString(authority, issuer.certificate());
      this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  private static SSLContext context(TestAuthority.Issued issued)
      throws GeneralSecurityException, IOException {
    Certificate certificate =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(issued.certificate().getBytes(StandardCharsets.US_ASCII)));
    String body = issued.key().replaceAll("-----[A-Z ]+-----", "");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "front",
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body))),
        new char[0],
        new Certificate[] {certificate});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /** The proxy's URL. */
  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** A file with the certificate of who signed ours. */
  public Path authority() {
    return authority;
  }

  private void accept() {
    while (true) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        // The server was closed.
        return;
      }
    }
  }

  private void serve(Socket socket) {
    open.add(socket);
    try (socket;
        Socket behind = connect(socket)) {
      open.add(behind);
      SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket(socket, null, true);
      secure.setUseClientMode(false);
      Thread back = Thread.ofVirtual().start(() -> pump(behind, secure));
      pump(secure, behind);
      back.join();
      open.remove(behind);
    } catch (IOException e) {
      // The other side sees that the connection ends, which is all there is to know.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  /** Reads the CONNECT request, and answers it once the stub is there. */
  private Socket connect(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("no request");
      }
      head.append((char) c);
    }
    if (!head.toString().startsWith("CONNECT ")) {
      throw new IOException("not CONNECT");
    }
    Socket behind = new Socket(InetAddress.getLoopbackAddress(), stub.port());
    socket
        .getOutputStream()
        .write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return behind;
  }

  private static void pump(Socket from, Socket to) {
    byte[] chunk = new byte[8192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        out.write(chunk, 0, n);
        out.flush();
      }
    } catch (IOException e) {
      // One of them has ended, so both are closed.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
    Files.deleteIfExists(authority);
  }
}
