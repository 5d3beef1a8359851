package io.narthex.net.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.connect.Resolver;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class TlsScrapeTest {

  private static final String OK =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nup 1\n";

  @TempDir private static Path folder;
  private static Peer peer;
  private static Path authority;

  @BeforeAll
  static void start() throws Exception {
    Path store = folder.resolve("store.p12");
    authority = folder.resolve("ca.pem");
    keytool(
        "-genkeypair -alias t -keyalg EC -storetype PKCS12 -storepass secret -dname CN=target"
            + " -ext san=dns:target.example -validity 2 -keystore "
            + store);
    keytool(
        "-exportcert -rfc -alias t -storepass secret -keystore " + store + " -file " + authority);
    KeyStore keys = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    peer =
        new Peer(
            context
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress()),
            (request, out) -> {
              out.write(OK.getBytes(StandardCharsets.ISO_8859_1));
              return true;
            });
  }

  private static void keytool(String arguments) throws Exception {
    String command = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process process =
        new ProcessBuilder((command + " " + arguments).split(" "))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  @AfterAll
  static void stop() throws IOException {
    peer.close();
  }

  private static String fetch(TlsConfig tls) throws Exception {
    HttpClientConfig config =
        new HttpClientConfig(null, null, tls, true, true, ProxyConfig.NONE, Map.of());
    ScrapeClient client =
        new ScrapeClient(
            config,
            "*/*",
            true,
            "x",
            Resolver.system(),
            Clock.SYSTEM,
            new BodyBuffers(1 << 20, Clock.SYSTEM));
    HttpUrl url = HttpUrl.of("https", "127.0.0.1:" + peer.port(), "/");
    try (ScrapeSession session = client.session(url, Duration.ofSeconds(10), 0)) {
      StringBuilder both = new StringBuilder();
      for (int i = 0; i < 2; i++) {
        try (Body body = session.fetch()) {
          both.append(new String(body.bytes(), 0, body.length(), StandardCharsets.UTF_8));
        }
      }
      return both.toString();
    }
  }

  private static TlsConfig tls(String ca, String caFile, String name, boolean insecure) {
    return new TlsConfig(ca, caFile, "", "", "", "", name, insecure, "", "");
  }

  @Test
  void trustsTheConfiguredAuthority() throws Exception {
    assertThat(fetch(tls("", authority.toString(), "target.example", false)))
        .isEqualTo("up 1\nup 1\n");
    assertThat(fetch(tls(Files.readString(authority), "", "target.example", false)))
        .isEqualTo("up 1\nup 1\n");
  }

  @Test
  void trustsNobodyElse() {
    assertThatThrownBy(() -> fetch(TlsConfig.DEFAULT))
        .hasMessageEndingWith(
            "tls: failed to verify certificate: x509: certificate signed by unknown authority");
  }

  @Test
  void checksTheName() {
    assertThatThrownBy(() -> fetch(tls("", authority.toString(), "other.example", false)))
        .isInstanceOf(ScrapeException.class)
        .hasMessageContaining("other.example");
  }

  @Test
  void asksForNoProofIfItShallNot() throws Exception {
    assertThat(fetch(tls("", "", "", true))).isEqualTo("up 1\nup 1\n");
  }
}
