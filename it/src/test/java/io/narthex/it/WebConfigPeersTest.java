package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.narthex.testkit.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prometheus and Narthex behind the same web configuration (TLS, client certificates, a password,
 * headers), scraping each other with the same client options.
 */
@Timeout(180)
final class WebConfigPeersTest {

  @TempDir private Path folder;

  private void write(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  private void issue(TestAuthority authority, String name) throws IOException {
    TestAuthority.Issued issued = authority.issue(name, "127.0.0.1");
    write(name + ".pem", issued.certificate());
    write(name + ".key", issued.key());
  }

  @Test
  void theTwoScrapeEachOther() throws Exception {
    TestAuthority authority = new TestAuthority("authority");
    write("ca.pem", authority.certificate());
    issue(authority, "server");
    issue(authority, "client");
    write("password", "secret");
    write(
        "web.yml",
        """
        tls_server_config:
          cert_file: server.pem
          key_file: server.key
          client_auth_type: RequireAndVerifyClientCert
          client_ca_file: ca.pem
          client_allowed_sans: [127.0.0.1]
          min_version: TLS12
        http_server_config:
          headers: {X-Frame-Options: deny}
        basic_auth_users:
          me: %s
        """
            .formatted(BCrypt.withDefaults().hashToString(4, "secret".toCharArray())));
    int theirs = Program.freePort();
    int ours = Program.freePort();
    int plain = Program.freePort();
    int plainOfTheirs = Program.freePort();
    String jobs =
        """
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        scrape_configs:
        - job_name: secured
          scheme: https
          basic_auth: {username: me, password_file: password}
          tls_config: {ca_file: ca.pem, cert_file: client.pem, key_file: client.key}
          static_configs: [{targets: ['127.0.0.1:%d', '127.0.0.1:%d']}]
        - job_name: refused
          scheme: https
          tls_config: {ca_file: ca.pem, cert_file: client.pem, key_file: client.key}
          static_configs: [{targets: ['127.0.0.1:%d', '127.0.0.1:%d']}]
        """
            .formatted(theirs, ours, theirs, ours);
    write("jobs.yml", jobs);
    write("nothing.yml", "{}");
    try (Program peer = prometheus("nothing.yml", theirs, true, "a");
        Program own = narthex("nothing.yml", ours, true, "b");
        Program peerAsks = prometheus("jobs.yml", plainOfTheirs, false, "c");
        Program ownAsks = narthex("jobs.yml", plain, false, "d")) {
      for (int port : new int[] {plain, plainOfTheirs}) {
        Program asks = port == plain ? ownAsks : peerAsks;
        Api api = new Api(port);
        asks.awaitReady(api);
        asks.await(
            "four targets, two of them up",
            Duration.ofSeconds(60),
            () ->
                api.query("up{job=\"secured\"} == 1").items().size() == 2
                    && api.query("up{job=\"refused\"} == 0").items().size() == 2);
        String errors = api.get("/api/v1/targets").body();
        assertThat(errors).contains("server returned HTTP status 401 Unauthorized");
      }
      assertThat(own.isAlive() && peer.isAlive()).isTrue();
    }
  }

  private Program prometheus(String config, int port, boolean secured, String data)
      throws IOException {
    return Program.start(
        folder,
        Stream.concat(Stream.of(Program.peer("prometheus35")), flags(config, port, secured, data))
            .toList());
  }

  private Program narthex(String config, int port, boolean secured, String data)
      throws IOException {
    return Program.narthex(
        folder,
        Stream.concat(Stream.of("prometheus"), flags(config, port, secured, data))
            .toArray(String[]::new));
  }

  private Stream<String> flags(String config, int port, boolean secured, String data) {
    Stream<String> all =
        Stream.of(
            "--config.file=" + folder.resolve(config),
            "--storage.tsdb.path=" + folder.resolve(data),
            "--web.listen-address=127.0.0.1:" + port);
    return secured
        ? Stream.concat(all, Stream.of("--web.config.file=" + folder.resolve("web.yml")))
        : all;
  }
}
