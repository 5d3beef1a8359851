package io.narthex.net.http2;

import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import io.narthex.net.secret.OneKey;
import io.narthex.net.secret.Pem;
import io.narthex.testkit.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A server behind TLS that takes HTTP/2 where it is offered, and does what a test's script says.
 */
public final class Http2Stub implements AutoCloseable {

  /** What to do on one connection. */
  public interface Script {
    void play(Side side) throws Exception;
  }

  /** What was offered on each connection. */
  public final List<List<String>> offered = new CopyOnWriteArrayList<>();

  /** The heads of requests, as lines; over HTTP/1.1 as they were sent. */
  public final List<String> requests = new CopyOnWriteArrayList<>();

  public final AtomicInteger connections = new AtomicInteger();

  /** What scripts threw that was not the end of a connection. */
  public final List<Exception> failures = new CopyOnWriteArrayList<>();

  private final TestAuthority authority = new TestAuthority("stub");
  private final SSLServerSocket listener;
  private final Script script;

  public Http2Stub(Script script) throws IOException, GeneralSecurityException {
    this.script = script;
    TestAuthority.Issued issued = authority.issue("server", "127.0.0.1");
    byte[] certificate = issued.certificate().getBytes(StandardCharsets.US_ASCII);
    byte[] key = issued.key().getBytes(StandardCharsets.US_ASCII);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {new OneKey(Pem.pair(certificate, key))}, null, null);
    listener =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** A client that trusts this server. */
  public HttpClientConfig config(boolean http2, ProxyConfig proxy) {
    TlsConfig tls = new TlsConfig(authority.certificate(), "", "", "", "", "", "", false, "", "");
    return new HttpClientConfig(null, null, tls, true, http2, proxy, Map.of());
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        SSLSocket client = (SSLSocket) listener.accept();
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(SSLSocket client) {
    try (client) {
      client.setHandshakeApplicationProtocolSelector((socket, protocols) -> {
        offered.add(List.copyOf(protocols));
        return protocols.contains("h2") ? "h2" : "http/1.1";
      });
      client.startHandshake();
      if (client.getApplicationProtocol().equals("h2")) {
        script.play(new Side(client));
      } else {
        one(client);
      }
    } catch (IOException e) {
      // The client has gone, which is its right.
      return;
    } catch (Exception e) {
      failures.add(e);
    }
  }

  private void one(SSLSocket client) throws IOException {
    while (true) {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int c = client.getInputStream().read();
        if (c < 0) {
          return;
        }
        head.append((char) c);
      }
      requests.add(head.toString());
      client
          .getOutputStream()
          .write(
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\none\n"
                  .getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** The server's side of one connection. */
  public final class Side {

    private final SSLSocket socket;
    private final FrameInput in;
    private final HeaderBlockDecoder decoder = new HeaderBlockDecoder(1 << 20);
    private boolean begun;
    private int stream;

    /** Types of the client's frames that were no request. */
    public final List<Integer> frames = new CopyOnWriteArrayList<>();

    Side(SSLSocket socket) throws IOException {
      this.socket = socket;
      this.in = new FrameInput(socket.getInputStream());
    }

    /** The number of the last request. */
    public int stream() {
      return stream;
    }

    public void send(FrameBytes answer) throws IOException {
      socket.getOutputStream().write(answer.bytes());
    }

    /** Begins: reads the preface, and sends settings. */
    public void begin(int... settings) throws IOException {
      begun = true;
      socket.getInputStream().readNBytes(24);
      send(new FrameBytes().settings(settings));
    }

    /** The body of the next request, whose head is noted; null when the client has gone. */
    public byte @Nullable [] request() throws IOException {
      if (!begun) {
        begin();
      }
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      while (in.next()) {
        byte[] payload = new byte[in.left()];
        in.all(payload, 0, payload.length);
        if (in.type() == Frame.HEADERS) {
          stream = in.stream();
          StringBuilder head = new StringBuilder();
          decoder.decode(
              payload,
              payload.length,
              (name, value) -> head.append(name).append(": ").append(value).append('\n'));
          requests.add(head.toString());
        } else if (in.type() == Frame.DATA) {
          body.writeBytes(payload);
          if (payload.length > 0) {
            send(new FrameBytes().window(0, payload.length).window(stream, payload.length));
          }
        } else {
          frames.add(in.type());
        }
        if (in.type() <= Frame.HEADERS && in.has(Frame.END_STREAM)) {
          return body.toByteArray();
        }
      }
      return null;
    }

    /** Reads what comes until the client is gone. */
    public void awaitEnd() throws IOException {
      while (in.next()) {
        frames.add(in.type());
        in.skip();
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
