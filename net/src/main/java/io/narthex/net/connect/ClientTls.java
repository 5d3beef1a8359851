package io.narthex.net.connect;

import io.narthex.base.time.Clock;
import io.narthex.net.client.TlsConfig;
import io.narthex.net.secret.FromFiles;
import io.narthex.net.secret.OneKey;
import io.narthex.net.secret.Pem;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Puts TLS around a connection, as a configuration says and its files are now. Thread-safe. */
final class ClientTls {

  private static final List<String> VERSIONS = List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");

  /** A server must choose nothing that we do not speak. */
  private static final String[] HTTP_1 = {"http/1.1"};

  private static final String[] HTTP_2 = {"h2", "http/1.1"};

  private final TlsConfig config;
  private final String[] protocols;

  /** Of the authorities, the certificate and the key, each where it is in a file. */
  private final FromFiles<SSLContext> contexts;

  /**
   * @throws IOException if a file cannot be read or is of no use
   */
  ClientTls(TlsConfig config, Clock clock) throws IOException {
    this.config = config;
    this.protocols = protocols(config);
    List<FromFiles.Source> files = new ArrayList<>();
    addFile(files, "unable to load specified CA cert " + config.caFile(), config.caFile());
    String pair =
        "unable to use specified client cert (%s) & key (%s)"
            .formatted(config.certFile(), config.keyFile());
    addFile(files, pair, config.certFile());
    addFile(files, pair, config.keyFile());
    contexts = new FromFiles<>(clock, files, FromFiles.WhenBroken.KEEP, this::open);
    if (!config.ca().isEmpty() || !config.cert().isEmpty() || !files.isEmpty()) {
      // What can be wrong is said at once. The machine's authorities take long to read, and wait.
      contexts.get();
    }
  }

  private static void addFile(List<FromFiles.Source> files, String what, String file) {
    if (!file.isEmpty()) {
      files.add(new FromFiles.Source(what, file));
    }
  }

  private static String[] protocols(TlsConfig config) {
    // Prometheus' default, which is Go's, is TLS 1.2 and later.
    int from = config.minVersion().isEmpty() ? 2 : number(config.minVersion());
    int to = config.maxVersion().isEmpty() ? 3 : number(config.maxVersion());
    return VERSIONS.subList(Math.min(from, to), to + 1).toArray(String[]::new);
  }

  private static int number(String version) {
    return List.of("TLS10", "TLS11", "TLS12", "TLS13").indexOf(version);
  }

  private SSLContext open(List<byte[]> contents) throws IOException {
    int next = 0;
    byte[] ca = config.caFile().isEmpty() ? bytes(config.ca()) : contents.get(next++);
    byte[] cert = config.certFile().isEmpty() ? bytes(config.cert()) : contents.get(next++);
    byte[] key = config.keyFile().isEmpty() ? bytes(config.key()) : contents.get(next++);
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers(cert, key), trustManagers(ca), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(String pem) {
    return pem.getBytes(StandardCharsets.UTF_8);
  }

  private KeyManager @Nullable [] keyManagers(byte[] cert, byte[] key) throws IOException {
    if (cert.length == 0 && config.certFile().isEmpty()) {
      return null;
    }
    try {
      return new KeyManager[] {new OneKey(Pem.pair(cert, key))};
    } catch (IOException e) {
      throw new IOException(
          "unable to use specified client cert (%s) & key (%s): %s"
              .formatted(config.certFile(), config.keyFile(), e.getMessage()),
          e);
    }
  }

  private TrustManager @Nullable [] trustManagers(byte[] ca)
      throws IOException, GeneralSecurityException {
    if (config.insecureSkipVerify()) {
      return new TrustManager[] {new TrustsEverybody()};
    }
    if (ca.length == 0 && config.caFile().isEmpty()) {
      return null;
    }
    List<X509Certificate> certificates = Pem.certificates(ca);
    if (certificates.isEmpty()) {
      throw new IOException(
          "unable to use specified CA cert "
              + (config.caFile().isEmpty() ? "inline" : config.caFile())
              + ": no certificate in the CA of tls_config");
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(Pem.authorities(certificates));
    return factory.getTrustManagers();
  }

  /**
   * What handshakes are made with now. Another one means other certificates: connections that were
   * made with the old should end.
   */
  SSLContext context() throws IOException {
    return contexts.get();
  }

  /** Looks at the files now; whether they have changed. */
  boolean renew() {
    return contexts.renew();
  }

  /**
   * Shakes hands over a connection; the socket reads with its own deadline.
   *
   * @param http2 whether HTTP/2 is offered
   */
  SSLSocket around(Socket socket, SSLContext context, String host, int port, boolean http2)
      throws IOException {
    String name = config.serverName().isEmpty() ? host : config.serverName();
    SSLSocket secure =
        (SSLSocket) context.getSocketFactory().createSocket(socket, name, port, true);
    SSLParameters parameters = secure.getSSLParameters();
    List<String> supported = new ArrayList<>(List.of(secure.getSupportedProtocols()));
    supported.retainAll(List.of(protocols));
    parameters.setProtocols(supported.toArray(String[]::new));
    parameters.setApplicationProtocols(http2 ? HTTP_2 : HTTP_1);
    if (!config.insecureSkipVerify()) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    return secure;
  }

  /** For insecure_skip_verify: the operator has said that nobody shall be asked for a proof. */
  private static final class TrustsEverybody extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
