package io.narthex.net.scrape;

import io.narthex.net.client.TlsConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Puts TLS around a connection, as a configuration says. Thread-safe. */
final class TlsSockets {

  private static final List<String> VERSIONS = List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");

  /**
   * Made when it is first needed, unless it can fail: the machine's authorities take long to read.
   */
  private volatile @Nullable SSLContext context;

  private final TlsConfig config;
  private final String[] protocols;

  /**
   * @throws IllegalArgumentException if the configuration asks for what is not there yet
   * @throws IOException if the authorities' certificates cannot be read
   */
  TlsSockets(TlsConfig config) throws IOException {
    if (!config.cert().isEmpty() || !config.certFile().isEmpty()) {
      throw new IllegalArgumentException(
          "tls_config: client certificates (cert, cert_file) are not supported for scraping yet");
    }
    this.config = config;
    this.protocols = protocols(config);
    if (!config.ca().isEmpty() || !config.caFile().isEmpty()) {
      context = open(config);
    }
  }

  private static SSLContext open(TlsConfig config) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trustManagers(config), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private synchronized SSLContext context() throws IOException {
    SSLContext opened = context;
    if (opened == null) {
      opened = open(config);
      context = opened;
    }
    return opened;
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

  private static TrustManager @Nullable [] trustManagers(TlsConfig config)
      throws IOException, GeneralSecurityException {
    if (config.insecureSkipVerify()) {
      return new TrustManager[] {new TrustsEverybody()};
    }
    byte[] pem;
    if (!config.caFile().isEmpty()) {
      pem = Files.readAllBytes(Path.of(config.caFile()));
    } else if (!config.ca().isEmpty()) {
      pem = config.ca().getBytes(StandardCharsets.UTF_8);
    } else {
      return null;
    }
    KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
    authorities.load(null, null);
    int n = 0;
    for (Certificate certificate :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem))) {
      authorities.setCertificateEntry("ca-" + n++, certificate);
    }
    if (n == 0) {
      throw new IOException("no certificate in the CA of tls_config");
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(authorities);
    return factory.getTrustManagers();
  }

  /** Shakes hands over a connection; the socket reads with its own deadline. */
  SSLSocket around(Socket socket, HttpUrl url) throws IOException {
    String name = config.serverName().isEmpty() ? url.host() : config.serverName();
    SSLSocket secure =
        (SSLSocket) context().getSocketFactory().createSocket(socket, name, url.port(), true);
    SSLParameters parameters = secure.getSSLParameters();
    List<String> supported = new ArrayList<>(List.of(secure.getSupportedProtocols()));
    supported.retainAll(List.of(protocols));
    parameters.setProtocols(supported.toArray(String[]::new));
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
