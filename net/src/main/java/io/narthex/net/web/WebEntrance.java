package io.narthex.net.web;

import io.narthex.base.time.Clock;
import io.narthex.net.http.Entrance;
import io.narthex.net.http.HttpResponse;
import io.narthex.net.secret.FromFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * The entrance of a server as a web configuration file says, now: the file and the certificates it
 * names are looked at whenever a connection or a request comes, four times a second at most. A file
 * that has become unusable changes nothing but the log. Whether there is TLS at all is settled when
 * the server starts. Thread-safe.
 */
public final class WebEntrance implements Entrance {

  private final Clock clock;
  private final FromFiles<Settings> settings;
  private final Passwords passwords = new Passwords();
  private final RateLimit limit;
  private final boolean isTls;

  private record Settings(WebConfig config, @Nullable ServerTls tls) {}

  private WebEntrance(Path file, Clock clock) throws WebConfigException {
    this.clock = clock;
    Path folder = file.toAbsolutePath().getParent();
    Path base = folder == null ? Path.of("/") : folder;
    List<FromFiles.Source> source = List.of(new FromFiles.Source("", file.toString()));
    settings =
        new FromFiles<>(
            clock,
            source,
            FromFiles.WhenBroken.KEEP,
            contents -> settings(new String(contents.getFirst(), StandardCharsets.UTF_8), base));
    Settings first;
    try {
      first = settings.get();
    } catch (WebConfigException e) {
      throw new WebConfigException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      int open = message.indexOf("open ");
      throw new WebConfigException(open < 0 ? message : message.substring(open), e);
    }
    isTls = first.tls != null;
    limit = new RateLimit(first.config.burst(), first.config.interval(), clock);
  }

  /**
   * Reads and checks the file and what it names.
   *
   * @throws WebConfigException if something is wrong; the message names the file
   */
  public static WebEntrance open(Path file, Clock clock) throws WebConfigException {
    return new WebEntrance(file, clock);
  }

  private Settings settings(String text, Path folder) throws WebConfigException {
    WebConfig config = WebConfig.parse(text, folder);
    return new Settings(
        config, config.tls().isEnabled() ? new ServerTls(config.tls(), clock) : null);
  }

  /** Whether clients have to speak TLS. */
  public boolean isTls() {
    return isTls;
  }

  @Override
  public @Nullable SSLEngine tls() throws IOException {
    if (!isTls) {
      return null;
    }
    ServerTls tls = settings.get().tls;
    if (tls == null) {
      throw new IOException("TLS config is not present");
    }
    return tls.engine();
  }

  @Override
  public boolean admits(@Nullable String authorization, HttpResponse response)
      throws IOException {
    WebConfig config = settings.get().config;
    if (!limit.allows()) {
      refuse(response, 429, "Too Many Requests\n");
      return false;
    }
    config.headers().forEach(response::header);
    if (config.users().isEmpty() || passwords.isRight(config.users(), authorization)) {
      return true;
    }
    response.header("WWW-Authenticate", "Basic");
    refuse(response, 401, "Unauthorized\n");
    return false;
  }

  private static void refuse(HttpResponse response, int status, String text)
      throws IOException {
    response.status(status).header("X-Content-Type-Options", "nosniff").sendText(text);
  }
}
