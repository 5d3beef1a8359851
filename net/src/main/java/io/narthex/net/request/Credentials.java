package io.narthex.net.request;

import io.narthex.base.time.Clock;
import io.narthex.net.client.Authorization;
import io.narthex.net.client.BasicAuth;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.HttpHeader;
import io.narthex.net.client.OAuth2;
import io.narthex.net.connect.Resolver;
import io.narthex.net.secret.FromFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The header lines that a configuration adds to each request: passwords, tokens, headers of its
 * own; as the files are now, and with a token that is good now. Thread-safe.
 *
 * <p>Lines that have not changed are the same object, so that who builds requests of them can keep
 * what it has built.
 */
public final class Credentials implements AutoCloseable {

  private static final String AUTHORIZATION = "Authorization: ";

  private final HttpClientConfig config;
  private final FromFiles<String> fixed;
  private final @Nullable OAuth2Tokens tokens;
  private volatile @Nullable Both both;

  /** The lines of a token with the others. */
  private record Both(String token, String fixed, String lines) {}

  /**
   * @param userAgent for the token server
   * @param environment of the process, for a proxy that is named there
   * @throws IOException if TLS towards the token server cannot be set up
   * @throws IllegalArgumentException if a value has a line break
   */
  public Credentials(
      HttpClientConfig config,
      String userAgent,
      Resolver resolver,
      Clock clock,
      Map<String, String> environment)
      throws IOException {
    this.config = config;
    List<FromFiles.Source> files = sources(config);
    this.fixed = new FromFiles<>(clock, files, FromFiles.WhenBroken.FAIL, this::build);
    if (files.isEmpty()) {
      try {
        fixed.get();
      } catch (IOException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
    OAuth2 oauth2 = config.oauth2();
    if (oauth2 == null) {
      tokens = null;
    } else {
      HttpClientConfig way =
          new HttpClientConfig(
              null, null, oauth2.tls(), true, config.enableHttp2(), oauth2.proxy(), Map.of());
      HttpClient client = new HttpClient(way, userAgent, resolver, clock, environment);
      tokens = new OAuth2Tokens(oauth2, client, clock);
    }
  }

  /**
   * Header lines, each with its end; may fetch a token.
   *
   * @param deadline on the clock's stopwatch, nanoseconds
   * @throws IOException if a file cannot be read or a token cannot be had; the message says so
   */
  public String lines(long deadline) throws IOException {
    OAuth2Tokens source = tokens;
    String others = fixed.get();
    if (source == null) {
      return others;
    }
    String token = source.header(deadline);
    Both known = both;
    if (known == null || !known.token.equals(token) || known.fixed != others) {
      known = new Both(token, others, AUTHORIZATION + token + "\r\n" + others);
      both = known;
    }
    return known.lines;
  }

  /**
   * A server has refused these lines: looks at the files now, and forgets the token.
   *
   * @return whether asking again is worth the while: there are others, or will be
   */
  public boolean renew(String refused) {
    boolean changed = fixed.renew();
    OAuth2Tokens source = tokens;
    Both known = both;
    if (source == null) {
      try {
        return changed || !fixed.get().equals(refused);
      } catch (IOException e) {
        // The next request says so.
        return false;
      }
    }
    boolean isOld = known != null && !known.lines.equals(refused);
    return changed || isOld || source.drop();
  }

  /** Lines without the one that says who asks. */
  static String withoutAuthorization(String lines) {
    return lines
        .lines()
        .filter(line -> !line.startsWith(AUTHORIZATION))
        .map(line -> line + "\r\n")
        .collect(Collectors.joining());
  }

  /** In the order in which {@link #build} takes them. */
  private static List<FromFiles.Source> sources(HttpClientConfig config) {
    List<FromFiles.Source> files = new ArrayList<>();
    BasicAuth basic = config.basicAuth();
    if (basic != null) {
      add(files, "unable to read basic auth username", basic.usernameFile());
      add(files, "unable to read basic auth password", basic.passwordFile());
    }
    Authorization authorization = config.authorization();
    if (authorization != null) {
      add(
          files,
          "unable to read authorization credentials",
          authorization.credentialsFile());
    }
    for (HttpHeader header : config.headers().values()) {
      header.files().forEach(file -> add(files, "unable to read headers file " + file, file));
    }
    return files;
  }

  private static void add(List<FromFiles.Source> files, String what, String file) {
    if (!file.isEmpty()) {
      files.add(new FromFiles.Source(what, file));
    }
  }

  private String build(List<byte[]> contents) throws IOException {
    List<byte[]> next = new ArrayList<>(contents);
    StringBuilder out = new StringBuilder();
    BasicAuth basic = config.basicAuth();
    if (basic != null) {
      String user = either(basic.username(), basic.usernameFile(), next);
      String pair = user + ":" + either(basic.password(), basic.passwordFile(), next);
      String encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
      add(out, "Authorization", "Basic " + encoded);
    }
    Authorization authorization = config.authorization();
    if (authorization != null) {
      String shown = either(authorization.credentials(), authorization.credentialsFile(), next);
      add(out, "Authorization", authorization.type() + " " + shown);
    }
    for (Map.Entry<String, HttpHeader> header : config.headers().entrySet()) {
      HttpHeader value = header.getValue();
      for (String plain : value.values()) {
        add(out, header.getKey(), plain);
      }
      for (String secret : value.secrets()) {
        add(out, header.getKey(), secret);
      }
      for (String file : value.files()) {
        add(out, header.getKey(), either("", file, next));
      }
    }
    return out.toString();
  }

  private static String either(String given, String file, List<byte[]> next) {
    return file.isEmpty()
        ? given
        : new String(next.removeFirst(), StandardCharsets.UTF_8).strip();
  }

  private static void add(StringBuilder out, String name, String value) throws IOException {
    if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
      throw new IOException("the value of header " + name + " has a line break");
    }
    out.append(name).append(": ").append(value).append("\r\n");
  }

  @Override
  public void close() {
    if (tokens != null) {
      tokens.close();
    }
  }
}
