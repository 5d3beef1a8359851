package io.narthex.net.web;

import io.narthex.base.time.Clock;
import io.narthex.net.secret.FromFiles;
import io.narthex.net.secret.OneKey;
import io.narthex.net.secret.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** TLS of a server with the certificates that lie in the files now. Thread-safe. */
final class ServerTls {

  private static final List<String> VERSIONS = List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");
  private static final String[] PROTOCOL = {"http/1.1"};

  private final ServerTlsConfig config;
  private final FromFiles<SSLContext> contexts;

  /**
   * @throws WebConfigException if the configuration or its files are of no use
   */
  ServerTls(ServerTlsConfig config, Clock clock) throws WebConfigException {
    this.config = config;
    config.check();
    List<FromFiles.Source> files = new ArrayList<>();
    for (String file : List.of(config.certFile(), config.keyFile(), config.clientCaFile())) {
      if (!file.isEmpty()) {
        files.add(new FromFiles.Source("", file));
      }
    }
    contexts = new FromFiles<>(clock, files, FromFiles.WhenBroken.KEEP, this::open);
    try {
      contexts.get();
    } catch (WebConfigException e) {
      throw e;
    } catch (IOException e) {
      throw new WebConfigException(String.valueOf(e.getMessage()), e);
    }
    config.checkPolicy();
  }

  private SSLContext open(List<byte[]> contents) throws IOException {
    int next = 0;
    byte[] cert = config.certFile().isEmpty() ? bytes(config.cert()) : contents.get(next++);
    byte[] key = config.keyFile().isEmpty() ? bytes(config.key()) : contents.get(next++);
    byte[] ca = config.clientCaFile().isEmpty() ? bytes(config.clientCa()) : contents.get(next++);
    Pem.Pair pair;
    try {
      pair = Pem.pair(cert, key);
    } catch (IOException e) {
      throw new WebConfigException("failed to load X509KeyPair: " + e.getMessage(), e);
    }
    try {
      List<X509Certificate> authorities = Pem.certificates(ca);
      TrustManager[] trust = {ClientTrust.of(config, authorities)};
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {new OneKey(pair)}, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new WebConfigException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(String pem) {
    return pem.getBytes(StandardCharsets.UTF_8);
  }

  SSLEngine engine() throws IOException {
    SSLEngine engine = contexts.get().createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    List<String> supported = Arrays.asList(engine.getSupportedProtocols());
    int from = VERSIONS.indexOf(config.minVersion());
    int to = VERSIONS.indexOf(config.maxVersion());
    parameters.setProtocols(
        VERSIONS.subList(Math.min(from, to + 1), to + 1).stream()
            .filter(supported::contains)
            .toArray(String[]::new));
    parameters.setApplicationProtocols(PROTOCOL);
    parameters.setUseCipherSuitesOrder(config.prefersOwnCiphers());
    if (!config.ciphers().isEmpty()) {
      parameters.setCipherSuites(ciphers(engine));
    }
    if (!config.curves().isEmpty()) {
      parameters.setNamedGroups(config.curves().toArray(String[]::new));
    }
    if (config.requiresCertificate()) {
      parameters.setNeedClientAuth(true);
    } else if (config.asksForCertificate()) {
      parameters.setWantClientAuth(true);
    }
    engine.setSSLParameters(parameters);
    return engine;
  }

  /** Those of TLS 1.3 are always there; the list chooses among the others. */
  private String[] ciphers(SSLEngine engine) {
    Set<String> chosen = new LinkedHashSet<>();
    for (String suite : engine.getSupportedCipherSuites()) {
      if (!suite.contains("_WITH_") && suite.startsWith("TLS_") && !suite.endsWith("_SCSV")) {
        chosen.add(suite);
      }
    }
    List<String> supported = Arrays.asList(engine.getSupportedCipherSuites());
    config.ciphers().stream().filter(supported::contains).forEach(chosen::add);
    return chosen.toArray(String[]::new);
  }
}
