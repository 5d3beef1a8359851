package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.narthex.base.time.Clock;
import io.narthex.net.http.Entrance;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.HttpServer;
import io.narthex.net.http.Router;
import io.narthex.net.web.WebEntrance;
import io.narthex.testkit.TestAuthority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Certificates, keys, passwords and tokens are renewed every second while the target is scraped:
 * one scrape is lost at most for each renewal, and none where the target takes the old ones too for
 * a while.
 */
@Timeout(300)
final class RotationTest {

  private static final int ROTATIONS = Proof.size(3, 10);
  private static final String PAGE = "temperature 21.5\n";

  @TempDir private Path folder;

  /** Something that is renewed: what the target takes, and what the server has. */
  private interface Secret {
    /**
     * The n-th renewal.
     *
     * @param overlap whether the old one is good until {@link #settle}
     */
    void renew(int n, boolean overlap) throws IOException;

    /** The old one is good no longer. */
    void settle() throws IOException;
  }

  private final List<HttpServer> servers = new ArrayList<>();

  private void replace(String name, String content) throws IOException {
    Path next = folder.resolve(name + ".next");
    Files.writeString(next, content);
    Files.move(
        next,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private void replace(String name, TestAuthority.Issued issued) throws IOException {
    replace(name + ".key", issued.key());
    replace(name + ".pem", issued.certificate());
  }

  private int serve(HttpHandler handler, Entrance entrance) {
    HttpServer server =
        HttpServer.open(
            new HttpServer.Options(List.of("127.0.0.1:0"), Duration.ofSeconds(20), 50),
            new Router().on(Set.of("GET", "POST"), "/{path...}", handler),
            entrance);
    servers.add(server);
    return server.addresses().getFirst().getPort();
  }

  private int serve(String webConfig) throws IOException {
    HttpHandler page = (request, response) -> response.sendText(PAGE);
    return serve(page, WebEntrance.open(folder.resolve(webConfig), Clock.SYSTEM));
  }

  /** The server's certificate, each time from another authority. */
  private final class ServerCertificate implements Secret {
    private TestAuthority now = new TestAuthority("servers 0");

    int open() throws IOException {
      replace("server", now.issue("server", "127.0.0.1"));
      replace("server-ca.pem", now.certificate());
      replace("tls.yml", "tls_server_config: {cert_file: server.pem, key_file: server.key}");
      return serve("tls.yml");
    }

    @Override
    public void renew(int n, boolean overlap) throws IOException {
      TestAuthority before = now;
      now = new TestAuthority("servers " + n);
      TestAuthority.Issued issued = now.issue("server", "127.0.0.1");
      if (overlap) {
        replace("server-ca.pem", before.certificate() + now.certificate());
        pause(400);
        replace("server", issued);
      } else {
        replace("server", issued);
        replace("server-ca.pem", now.certificate());
      }
    }

    @Override
    public void settle() throws IOException {
      replace("server-ca.pem", now.certificate());
    }
  }

  /** The client's certificate, each time from another authority. */
  private final class ClientCertificate implements Secret {
    private final TestAuthority target = new TestAuthority("target");
    private TestAuthority now = new TestAuthority("clients 0");

    int open() throws IOException {
      replace("target", target.issue("target", "127.0.0.1"));
      replace("target-ca.pem", target.certificate());
      replace("clients-ca.pem", now.certificate());
      replace("client", now.issue("client"));
      replace(
          "mutual.yml",
          """
          tls_server_config:
            cert_file: target.pem
            key_file: target.key
            client_auth_type: RequireAndVerifyClientCert
            client_ca_file: clients-ca.pem
          """);
      return serve("mutual.yml");
    }

    @Override
    public void renew(int n, boolean overlap) throws IOException {
      TestAuthority before = now;
      now = new TestAuthority("clients " + n);
      TestAuthority.Issued issued = now.issue("client");
      if (overlap) {
        replace("clients-ca.pem", before.certificate() + now.certificate());
        pause(400);
      } else {
        replace("clients-ca.pem", now.certificate());
      }
      replace("client", issued);
    }

    @Override
    public void settle() throws IOException {
      replace("clients-ca.pem", now.certificate());
    }
  }

  /** Name and password: two names overlap, as an operator would do it. */
  private final class Password implements Secret {
    private String now = "";

    int open() throws IOException {
      renew(0, false);
      return serve("basic.yml");
    }

    private String user(String name) {
      return "  " + name + ": " + BCrypt.withDefaults().hashToString(4, name.toCharArray()) + "\n";
    }

    @Override
    public void renew(int n, boolean overlap) throws IOException {
      String before = now;
      now = "user" + n;
      replace("basic.yml", "basic_auth_users:\n" + (overlap ? user(before) : "") + user(now));
      if (overlap) {
        pause(400);
      }
      // The name and the password are two files.
      replace("username", now);
      Files.writeString(folder.resolve("password"), now);
    }

    @Override
    public void settle() throws IOException {
      replace("basic.yml", "basic_auth_users:\n" + user(now));
    }
  }

  /** The secret of a token server, and with it all tokens. */
  private final class TokenServer implements Secret {
    private final Map<String, String> secrets = new ConcurrentHashMap<>();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private final AtomicInteger issued = new AtomicInteger();
    private String now = "s0";

    int open() throws IOException {
      secrets.put(now, now);
      replace("secret", now);
      HttpHandler handler =
          (request, response) -> {
            if (request.path().equals("/token")) {
              String secret = request.form().first("client_secret");
              if (!secrets.containsKey(secret)) {
                response.status(401).sendText("");
                return;
              }
              String token = "t" + issued.incrementAndGet();
              tokens.put("Bearer " + token, secret);
              response.send(
                  "application/json",
                  ("{\"access_token\":\"" + token + "\",\"expires_in\":5}")
                      .getBytes(StandardCharsets.UTF_8));
              return;
            }
            String token = request.header("Authorization");
            String secret = token == null ? null : tokens.get(token);
            boolean good = secret != null && secrets.containsKey(secret);
            response.status(good ? 200 : 401).sendText(good ? PAGE : "");
          };
      return serve(handler, Entrance.OPEN);
    }

    @Override
    public void renew(int n, boolean overlap) throws IOException {
      String before = now;
      now = "s" + n;
      secrets.put(now, now);
      if (!overlap) {
        secrets.remove(before);
      }
      replace("secret", now);
      if (overlap) {
        pause(400);
      }
    }

    @Override
    public void settle() {
      secrets.keySet().retainAll(Set.of(now));
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Renews everything once a second; returns when it began and ended, in seconds. */
  private static double[] rotate(List<Secret> secrets, int from, boolean overlap) throws Exception {
    double begin = System.currentTimeMillis() / 1e3;
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
    for (Secret secret : secrets) {
      threads.add(
          Thread.ofVirtual()
              .uncaughtExceptionHandler((thread, e) -> failures.add(e))
              .start(() -> {
                try {
                  for (int i = 0; i < ROTATIONS; i++) {
                    long next = System.nanoTime() + 1_000_000_000L;
                    secret.renew(from + i, overlap);
                    if (overlap) {
                      pause(400);
                      secret.settle();
                    }
                    pause(Math.max(0, (next - System.nanoTime()) / 1_000_000));
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    pause(700);
    return new double[] {begin, System.currentTimeMillis() / 1e3};
  }

  /** A target under two names, each scraped at times of its own. */
  private static String twice(int port) {
    String target = "{targets: ['127.0.0.1:%d'], labels: {name: %s}}";
    return "[" + target.formatted(port, "one") + ", " + target.formatted(port, "other") + "]";
  }

  /** All samples of a job in a window. */
  private static double[] samples(Api api, String metric, String job, double[] window) {
    return api.samples(metric + "{job=\"" + job + "\"}[5m]", "" + window[1]).values().stream()
        .flatMap(series -> series.entrySet().stream())
        .filter(sample -> sample.getKey() > window[0] && sample.getKey() <= window[1])
        .mapToDouble(sample -> Double.parseDouble(sample.getValue()))
        .toArray();
  }

  private static int lost(double[] up) {
    return (int) Arrays.stream(up).filter(value -> value != 1).count();
  }

  /** What the program says of the scrapes that failed, of all windows. */
  private String failures(String job) {
    try (Stream<String> lines = Files.lines(folder.resolve("failures.log"))) {
      return lines
          .filter(line -> line.contains("\"job_name\":\"" + job + '"'))
          .collect(Collectors.joining("\n", job + "\n", "\n"));
    } catch (IOException e) {
      return job + ": " + e;
    }
  }

  @Test
  void renewalsCostNextToNoScrapes() throws Exception {
    ServerCertificate server = new ServerCertificate();
    ClientCertificate client = new ClientCertificate();
    Password password = new Password();
    TokenServer tokens = new TokenServer();
    int tokenPort = tokens.open();
    replace(
        "prometheus.yml",
        """
        global: {scrape_interval: 500ms, scrape_timeout: 500ms, scrape_failure_log_file: failures.log}
        scrape_configs:
        - job_name: certificate
          scheme: https
          tls_config: {ca_file: server-ca.pem}
          static_configs: %s
        - job_name: client
          scheme: https
          tls_config: {ca_file: target-ca.pem, cert_file: client.pem, key_file: client.key}
          static_configs: %s
        - job_name: password
          basic_auth: {username_file: username, password_file: password}
          static_configs: %s
        - job_name: token
          oauth2: {client_id: me, client_secret_file: secret, token_url: 'http://127.0.0.1:%d/token'}
          static_configs: %s
        """
            .formatted(
                twice(server.open()),
                twice(client.open()),
                twice(password.open()),
                tokenPort,
                twice(tokenPort)));
    int port = Program.freePort();
    Api api = new Api(port);
    try (Program program =
        Program.narthex(
            folder,
            "prometheus",
            "--config.file=" + folder.resolve("prometheus.yml"),
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--web.listen-address=127.0.0.1:" + port)) {
      program.awaitReady(api);
      program.await(
          "all targets", Duration.ofSeconds(30), () -> api.query("up == 1").items().size() == 8);
      pause(1_000);
      List<Secret> secrets = List.of(server, client, password, tokens);
      double[] hard = rotate(secrets, 1, false);
      double[] soft = rotate(secrets, 1 + ROTATIONS, true);
      double[] both = {hard[0], soft[1]};
      for (String job : List.of("certificate", "client", "password", "token")) {
        double[] upHard = samples(api, "up", job, hard);
        double[] upSoft = samples(api, "up", job, soft);
        double[] seconds = samples(api, "scrape_duration_seconds", job, both);
        double slowest = Arrays.stream(seconds).max().orElse(0);
        Proof.says(
            "%s: renewed %d times at 1 s, scraped %d times: %d lost; %d times with the old one"
                + " good for a while: %d lost; the slowest scrape took %.0f ms",
            job,
            ROTATIONS,
            upHard.length + upSoft.length,
            lost(upHard),
            ROTATIONS,
            lost(upSoft),
            1e3 * slowest);
        assertThat(upHard.length + upSoft.length).as(job).isGreaterThan(ROTATIONS * 6);
        assertThat(lost(upHard)).as(() -> failures(job)).isLessThanOrEqualTo(ROTATIONS);
        assertThat(lost(upSoft)).as(() -> failures(job)).isZero();
      }
      assertThat(program.stop()).isZero();
    } finally {
      servers.forEach(HttpServer::close);
    }
  }
}
