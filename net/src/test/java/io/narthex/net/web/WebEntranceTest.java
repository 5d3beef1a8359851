package io.narthex.net.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.narthex.base.time.Clock;
import io.narthex.net.client.BasicAuth;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.request.HttpClient;
import io.narthex.net.request.HttpFailure;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import io.narthex.testkit.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
final class WebEntranceTest {

  private static final HttpHandler HELLO = (request, response) -> response.sendText("hello\n");
  private static final String HASH = BCrypt.withDefaults().hashToString(4, "secret".toCharArray());

  private final TestAuthority authority = new TestAuthority("authority");
  @TempDir private Path folder;

  private Path web(String yaml) throws IOException {
    return Files.writeString(folder.resolve("web.yml"), yaml);
  }

  private void write(String name, TestAuthority.Issued issued) throws IOException {
    Served.replace(folder.resolve(name + ".pem"), issued.certificate());
    Served.replace(folder.resolve(name + ".key"), issued.key());
  }

  /** TLS with a certificate of the authority, and whatever else. */
  private Path tlsWeb(String more) throws IOException {
    write("server", authority.issue("server", "127.0.0.1"));
    Files.writeString(folder.resolve("ca.pem"), authority.certificate());
    return web("tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n" + more);
  }

  private static HttpClient client(@Nullable BasicAuth basic, TlsConfig tls) throws IOException {
    return new HttpClient(
        new HttpClientConfig(basic, null, tls, true, true, ProxyConfig.NONE, Map.of()), "test");
  }

  private TlsConfig tls(String certificate) {
    return new TlsConfig(
        "",
        folder.resolve("ca.pem").toString(),
        "",
        certificate.isEmpty() ? "" : folder.resolve(certificate + ".pem").toString(),
        "",
        certificate.isEmpty() ? "" : folder.resolve(certificate + ".key").toString(),
        "",
        false,
        "",
        "");
  }

  private static Reply get(Served server, @Nullable BasicAuth basic, TlsConfig tls) throws IOException {
    String scheme = tls.equals(TlsConfig.DEFAULT) ? "http" : "https";
    try (HttpClient client = client(basic, tls)) {
      return client.send(
          Request.get(HttpUrl.of(scheme, "127.0.0.1:" + server.port(), "/x"))
              .timeout(Duration.ofSeconds(20)));
    }
  }

  @Test
  void asksForPasswords() throws Exception {
    Path file = web("basic_auth_users:\n  me: " + HASH + "\n");
    try (Served server = Served.by(HELLO, file)) {
      Reply nobody = get(server, null, TlsConfig.DEFAULT);
      assertThat(nobody.status()).isEqualTo(401);
      assertThat(nobody.text()).isEqualTo("Unauthorized\n");
      assertThat(nobody.headers().first("WWW-Authenticate")).isEqualTo("Basic");
      for (int i = 0; i < 2; i++) {
        assertThat(get(server, new BasicAuth("me", "", "secret", ""), TlsConfig.DEFAULT).text())
            .isEqualTo("hello\n");
        assertThat(get(server, new BasicAuth("me", "", "wrong", ""), TlsConfig.DEFAULT).status())
            .isEqualTo(401);
        assertThat(get(server, new BasicAuth("you", "", "nobody", ""), TlsConfig.DEFAULT).status())
            .isEqualTo(401);
      }
    }
  }

  @Test
  void acceptsTheHashesOfHtpasswd() throws Exception {
    Path file = web("basic_auth_users: {me: '" + HASH.replace("$2a$", "$2y$") + "'}\n");
    try (Served server = Served.by(HELLO, file)) {
      assertThat(get(server, new BasicAuth("me", "", "secret", ""), TlsConfig.DEFAULT).status())
          .isEqualTo(200);
    }
  }

  @Test
  void takesUpChangesAndKeepsTheOldOverNonsense() throws Exception {
    Path file = web("{}");
    try (Served server = Served.by(HELLO, file)) {
      assertThat(get(server, null, TlsConfig.DEFAULT).status()).isEqualTo(200);
      Served.replace(file, "basic_auth_users: {me: '" + HASH + "'}\n");
      await(() -> get(server, null, TlsConfig.DEFAULT).status() == 401);
      Served.replace(file, "basic_auth_users: {me: nonsense}\n");
      for (int i = 0; i < 20; i++) {
        assertThat(get(server, null, TlsConfig.DEFAULT).status()).isEqualTo(401);
        Clock.SYSTEM.sleep(Duration.ofMillis(25));
      }
      Served.replace(file, "{}");
      await(() -> get(server, null, TlsConfig.DEFAULT).status() == 200);
    }
  }

  private interface Condition {
    boolean isTrue() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    for (int i = 0; i < 200 && !condition.isTrue(); i++) {
      Clock.SYSTEM.sleep(Duration.ofMillis(25));
    }
    assertThat(condition.isTrue()).isTrue();
  }

  @Test
  void setsHeadersOnEveryAnswer() throws Exception {
    Path file =
        web(
            """
            http_server_config:
              http2: false
              headers:
                X-Frame-Options: deny
                Strict-Transport-Security: max-age=31536000
            basic_auth_users: {me: '%s'}
            """
                .formatted(HASH));
    try (Served server = Served.by(HELLO, file)) {
      Reply reply = get(server, null, TlsConfig.DEFAULT);
      assertThat(reply.status()).isEqualTo(401);
      assertThat(reply.headers().first("X-Frame-Options")).isEqualTo("deny");
      assertThat(reply.headers().first("Strict-Transport-Security")).startsWith("max-age");
    }
  }

  @Test
  void limitsTheRate() throws Exception {
    Path file = web("rate_limit: {burst: 2, interval: 1h}\n");
    try (Served server = Served.by(HELLO, file)) {
      assertThat(get(server, null, TlsConfig.DEFAULT).status()).isEqualTo(200);
      assertThat(get(server, null, TlsConfig.DEFAULT).status()).isEqualTo(200);
      Reply third = get(server, null, TlsConfig.DEFAULT);
      assertThat(third.status()).isEqualTo(429);
      assertThat(third.text()).isEqualTo("Too Many Requests\n");
    }
  }

  @ParameterizedTest
  @CsvSource({"TLS12, TLS12", "TLS13, TLS13", "TLS12, TLS13"})
  void speaksTls(String min, String max) throws Exception {
    byte[] large = new byte[3_000_000];
    Arrays.fill(large, (byte) 'x');
    HttpHandler handler =
        (request, response) -> {
          byte[] body = request.body().readAllBytes();
          response.send("image/png", body.length == 0 ? large : body);
        };
    Path file = tlsWeb("  min_version: " + min + "\n  max_version: " + max + "\n");
    try (Served server = Served.by(handler, file);
        HttpClient client = client(null, tls(""))) {
      HttpUrl url = HttpUrl.of("https", "127.0.0.1:" + server.port(), "/");
      for (int i = 0; i < 3; i++) {
        assertThat(client.send(Request.get(url)).body()).isEqualTo(large);
        assertThat(client.send(Request.post(url, "image/png", large)).body()).isEqualTo(large);
      }
    }
  }

  @Test
  void tellsOneWhoSpeaksPlainHttp() throws Exception {
    try (Served server = Served.by(HELLO, tlsWeb(""));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.0 400 Bad Request")
          .endsWith("Client sent an HTTP request to an HTTPS server.\n");
    }
  }

  @Test
  void takesTheCertificateOfTheDayForEachConnection() throws Exception {
    try (Served server = Served.by(HELLO, tlsWeb(""))) {
      assertThat(get(server, null, tls("")).status()).isEqualTo(200);
      TestAuthority other = new TestAuthority("other");
      write("server", other.issue("server", "127.0.0.1"));
      await(() -> refusal(server, tls("")).contains("unknown authority"));
      Served.replace(folder.resolve("ca.pem"), other.certificate());
      assertThat(get(server, null, tls("")).status()).isEqualTo(200);
    }
  }

  private static String refusal(Served server, TlsConfig tls) throws IOException {
    try {
      get(server, null, tls);
      return "";
    } catch (HttpFailure e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void asksForClientCertificates() throws Exception {
    Path file =
        tlsWeb("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n");
    write("client", authority.issue("client", "client.example"));
    write("stranger", new TestAuthority("stranger").issue("client", "client.example"));
    try (Served server = Served.by(HELLO, file)) {
      assertThat(get(server, null, tls("client")).text()).isEqualTo("hello\n");
      assertThat(refusal(server, tls(""))).contains("remote error: tls: ");
      assertThat(refusal(server, tls("stranger"))).contains("remote error: tls: ");
    }
  }

  @Test
  void takesAnyCertificateIfTold() throws Exception {
    Path file = tlsWeb("  client_auth_type: RequireAnyClientCert\n");
    write("stranger", new TestAuthority("stranger").issue("client"));
    try (Served server = Served.by(HELLO, file)) {
      assertThat(get(server, null, tls("stranger")).status()).isEqualTo(200);
      assertThat(refusal(server, tls(""))).isNotEmpty();
    }
  }

  @Test
  void looksAtTheNamesOfClients() throws Exception {
    Path file =
        tlsWeb(
            """
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.pem
              client_allowed_sans: [good.example]
            """);
    write("good", authority.issue("client", "good.example"));
    write("bad", authority.issue("client", "bad.example"));
    try (Served server = Served.by(HELLO, file)) {
      assertThat(get(server, null, tls("good")).status()).isEqualTo(200);
      assertThat(refusal(server, tls("bad"))).contains("remote error: tls: ");
    }
  }

  @Test
  void anIdleTlsClientThatGoesIsNoticed() throws Exception {
    java.util.concurrent.CompletableFuture<Boolean> gone =
        new java.util.concurrent.CompletableFuture<>();
    HttpHandler waiting =
        (request, response) -> {
          try {
            for (int i = 0; i < 400 && !request.clientGone(); i++) {
              Clock.SYSTEM.sleep(Duration.ofMillis(10));
            }
            gone.complete(request.clientGone());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (Served server = Served.by(waiting, tlsWeb(""));
        HttpClient client = client(null, tls(""))) {
      HttpUrl url = HttpUrl.of("https", "127.0.0.1:" + server.port(), "/");
      assertThatThrownBy(() -> client.send(Request.get(url).timeout(Duration.ofMillis(300))))
          .hasMessageEndingWith("context deadline exceeded");
      assertThat(gone.get()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          tls_server_config: {cert_file: server.pem}                                                                | missing one of key or key_file
          tls_server_config: {key_file: server.key}                                                                 | missing one of cert or cert_file
          tls_server_config: {cert_file: none.pem, key_file: server.key}                                            | no such file or directory
          tls_server_config: {cert_file: server.pem, key_file: other.key}                                           | failed to load X509KeyPair: tls: private key does not match public key
          tls_server_config: {cert_file: server.pem, key_file: server.key, client_auth_type: x}                     | invalid ClientAuth: x
          tls_server_config: {cert_file: server.pem, key_file: server.key, client_ca_file: ca.pem}                  | client CA's have been configured without a Client Auth Policy
          tls_server_config: {cert_file: server.pem, key_file: server.key, client_allowed_sans: [a]}                | client_allowed_sans requires client_auth_type to be one of RequireAnyClientCert or RequireAndVerifyClientCert
          tls_server_config: {cert_file: server.pem, key_file: server.key, min_version: TLS9}                       | unknown TLS version: TLS9 (line 1)
          tls_server_config: {cipher_suites: [x]}                                                                   | unknown cipher: x (line 1)
          tls_server_config: {curve_preferences: [x]}                                                               | unknown curve: x (line 1)
          http_server_config: {headers: {X-Other: a}}                                                               | HTTP header "X-Other" can not be configured
          http_server_config: {headers: {X-Frame-Options: a}}                                                       | invalid value for X-Frame-Options. Expected one of: ["deny" "sameorigin"], but got: "a"
          basic_auth_users: {a: b}                                                                                  | crypto/bcrypt: hashedSecret too short to be a bcrypted password
          basic_auth_users: {a: 'x23456789012345678901234567890123456789012345678901234567890'}                     | crypto/bcrypt: bcrypt hashes must start with '$', but hashedSecret started with 'x'
          basic_auth_users: {a: '$3456789012345678901234567890123456789012345678901234567890123'}                   | crypto/bcrypt: bcrypt algorithm version '3' requested is newer than current version '2'
          basic_auth_users: {a: '$2y$99$89012345678901234567890123456789012345678901234567890123'}                  | crypto/bcrypt: cost 99 is outside allowed inclusive range 4..31
          rate_limit: {burst: 1, interval: 1x}                                                                      | time: invalid duration "1x" (line 1)
          basic_auth_user: {a: b}                                                                                   | field basic_auth_user not found in type web.Config
          """)
  void refusesWhatIsWrong(String yaml, String message) throws Exception {
    tlsWeb("");
    Files.writeString(folder.resolve("other.key"), authority.issue("other").key());
    Path file = web(yaml);
    assertThatThrownBy(() -> WebEntrance.open(file, Clock.SYSTEM))
        .isInstanceOf(WebConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aMissingFileIsSaid() {
    Path file = folder.resolve("none.yml");
    assertThatThrownBy(() -> WebEntrance.open(file, Clock.SYSTEM))
        .hasMessage("open " + file + ": no such file or directory");
  }

  @Test
  void chosenCiphersAndCurvesAreUsed() throws Exception {
    Path file =
        tlsWeb(
            """
              max_version: TLS12
              cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]
              curve_preferences: [CurveP384]
              prefer_server_cipher_suites: false
            """);
    try (Served server = Served.by(HELLO, file)) {
      assertThat(get(server, null, tls("")).status()).isEqualTo(200);
    }
  }
}
