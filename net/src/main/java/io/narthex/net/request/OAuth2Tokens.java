package io.narthex.net.request;

import io.narthex.base.text.GoQuote;
import io.narthex.base.time.Clock;
import io.narthex.net.client.OAuth2;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.secret.FromFiles;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches tokens of OAuth 2.0 (RFC 6749: client credentials; RFC 7523: signed assertions), keeps
 * the present one and renews it before its end. Thread-safe.
 *
 * <p>When nine tenths of a token's life are over, or all but ten seconds of a long one, the next who
 * asks fetches another; meanwhile all others go on with the old, and so does everybody if the token
 * server is away. Only without a good token does everybody wait. A token that a server refuses is
 * forgotten, but not one younger than a quarter of a second: a target that refuses everything must
 * not become a burden for the token server.
 */
final class OAuth2Tokens implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(OAuth2Tokens.class);

  private static final long FOREVER = Duration.ofDays(36_500).toNanos();
  private static final long MARGIN = Duration.ofSeconds(10).toNanos();
  private static final long YOUNG = Duration.ofMillis(250).toNanos();
  private static final long RETRY = Duration.ofSeconds(5).toNanos();
  private static final long MOST_ANSWER = 1 << 20;

  private final OAuth2 config;
  private final HttpUrl url;
  private final HttpClient client;
  private final Clock clock;
  private final FromFiles<String> secrets;
  private final ReentrantLock fetching = new ReentrantLock();
  private volatile @Nullable Token token;

  /** Whether the server takes the client's name as a password, or in the form; null before. */
  private @Nullable Boolean inHeader;

  private record Token(String header, String secret, long fetched, long renew, long end) {
    boolean isGood(long now) {
      return now - end < 0;
    }
  }

  OAuth2Tokens(OAuth2 config, HttpClient client, Clock clock) {
    this.config = config;
    this.url = HttpUrl.parse(config.tokenUrl());
    this.client = client;
    this.clock = clock;
    boolean jwt = config.isJwtBearer();
    String file = jwt ? config.keyFile() : config.clientSecretFile();
    String given = jwt ? config.key() : config.clientSecret();
    List<FromFiles.Source> files =
        file.isEmpty()
            ? List.of()
            : List.of(
                new FromFiles.Source(
                    jwt
                        ? "unable to read oauth2 client certificate key"
                        : "unable to read oauth2 client secret",
                    file));
    this.secrets =
        new FromFiles<>(
            clock,
            files,
            FromFiles.WhenBroken.FAIL,
            contents ->
                contents.isEmpty()
                    ? given
                    : new String(contents.getFirst(), StandardCharsets.UTF_8).strip());
  }

  /**
   * The value of an Authorization header.
   *
   * @param deadline on the clock's stopwatch, nanoseconds
   */
  String header(long deadline) throws IOException {
    String secret = secrets.get();
    Token known = token;
    long now = clock.nanos();
    if (known != null && now - known.renew < 0 && known.secret.equals(secret)) {
      return known.header;
    }
    if (known != null && known.isGood(now)) {
      return renewed(known, secret, deadline);
    }
    try {
      fetching.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException canceled = new InterruptedIOException("context canceled");
      canceled.initCause(e);
      throw canceled;
    }
    try {
      Token meanwhile = token;
      if (meanwhile != null && meanwhile != known && meanwhile.isGood(clock.nanos())) {
        return meanwhile.header;
      }
      Token fetched = fetch(secret, deadline);
      token = fetched;
      return fetched.header;
    } finally {
      fetching.unlock();
    }
  }

  /** Fetches another one for a token that is still good, unless somebody is at it. */
  private String renewed(Token known, String secret, long deadline) {
    if (!fetching.tryLock()) {
      return known.header;
    }
    try {
      Token meanwhile = token;
      if (meanwhile == known) {
        meanwhile = fetch(secret, deadline);
        token = meanwhile;
      }
      return meanwhile == null ? known.header : meanwhile.header;
    } catch (IOException e) {
      log.warn("cannot renew the token, going on with the old: {}", e.getMessage());
      long now = clock.nanos();
      long pause = Math.min(RETRY, Math.max(0, known.end - now) / 4);
      token = new Token(known.header, secret, known.fetched, now + pause, known.end);
      return known.header;
    } finally {
      fetching.unlock();
    }
  }

  /** Forgets a token that was refused; whether there will be another one. */
  boolean drop() {
    secrets.renew();
    fetching.lock();
    try {
      Token known = token;
      if (known != null && clock.nanos() - known.fetched < YOUNG) {
        return false;
      }
      token = null;
      return true;
    } finally {
      fetching.unlock();
    }
  }

  private Token fetch(String secret, long deadline) throws IOException {
    Reply reply = ask(secret, deadline);
    Map<String, String> answer = answer(reply);
    if (!reply.isOk()) {
      throw new IOException(refusal(reply, answer));
    }
    String access = answer.getOrDefault("access_token", "");
    if (access.isEmpty()) {
      throw new IOException("oauth2: server response missing access_token");
    }
    long now = clock.nanos();
    long life = seconds(answer.getOrDefault("expires_in", ""));
    long renew = life - Math.min(MARGIN, life / 10);
    return new Token(
        type(answer.getOrDefault("token_type", "")) + " " + access,
        secret,
        now,
        now + renew,
        now + life);
  }

  private static long seconds(String text) throws IOException {
    if (text.isEmpty()) {
      return FOREVER;
    }
    try {
      long seconds = (long) Double.parseDouble(text);
      return seconds <= 0 ? FOREVER : Math.min(FOREVER, seconds * 1_000_000_000L);
    } catch (NumberFormatException e) {
      throw new IOException("oauth2: cannot parse expires_in: " + text, e);
    }
  }

  private static String type(String type) {
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "", "bearer" -> "Bearer";
      case "mac" -> "MAC";
      case "basic" -> "Basic";
      default -> type;
    };
  }

  private static String refusal(Reply reply, Map<String, String> answer) {
    String code = answer.getOrDefault("error", "");
    if (code.isEmpty()) {
      return "oauth2: cannot fetch token: "
          + reply.statusText()
          + "\nResponse: "
          + reply.text();
    }
    StringBuilder out = new StringBuilder("oauth2: ").append(GoQuote.quote(code));
    for (String more : List.of("error_description", "error_uri")) {
      String text = answer.getOrDefault(more, "");
      if (!text.isEmpty()) {
        out.append(' ').append(GoQuote.quote(text));
      }
    }
    return out.toString();
  }

  private static Map<String, String> answer(Reply reply) throws IOException {
    String type = reply.headers().first("Content-Type");
    String media = type == null ? "" : type.toLowerCase(Locale.ROOT);
    if (media.startsWith("application/x-www-form-urlencoded") || media.startsWith("text/plain")) {
      return Forms.decode(reply.text());
    }
    try {
      return FlatJson.read(reply.body());
    } catch (IOException e) {
      if (reply.isOk()) {
        throw new IOException("oauth2: cannot parse json: " + e.getMessage(), e);
      }
      return Map.of();
    }
  }

  private Reply ask(String secret, long deadline) throws IOException {
    Map<String, String> form = new TreeMap<>();
    if (config.isJwtBearer()) {
      form.put("grant_type", OAuth2.JWT_BEARER);
      form.put("assertion", Assertion.signed(config, secret, clock.millis()));
      return post(form, "", deadline);
    }
    form.put("grant_type", "client_credentials");
    if (!config.scopes().isEmpty()) {
      form.put("scope", String.join(" ", config.scopes()));
    }
    form.putAll(config.endpointParams());
    String basic =
        encoded(config.clientId()) + ":" + encoded(secret);
    String header =
        "Basic " + Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8));
    Boolean style = inHeader;
    if (style == null || style) {
      Reply reply = post(form, header, deadline);
      if (reply.isOk() || style != null) {
        inHeader = reply.isOk() ? Boolean.TRUE : inHeader;
        return reply;
      }
    }
    // Some servers want them in the form, and say so in no other way than by refusing.
    form.put("client_id", config.clientId());
    if (!secret.isEmpty()) {
      form.put("client_secret", secret);
    }
    Reply reply = post(form, "", deadline);
    if (reply.isOk()) {
      inHeader = Boolean.FALSE;
    }
    return reply;
  }

  private Reply post(Map<String, String> form, String authorization, long deadline)
      throws IOException {
    byte[] body = Forms.encode(form).getBytes(StandardCharsets.US_ASCII);
    Request request =
        Request.post(url, "application/x-www-form-urlencoded", body)
            .timeout(Duration.ofNanos(Math.max(1, deadline - clock.nanos())))
            .limit(MOST_ANSWER)
            .mayRepeat();
    return client.send(
        authorization.isEmpty() ? request : request.header("Authorization", authorization));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    client.close();
  }
}
