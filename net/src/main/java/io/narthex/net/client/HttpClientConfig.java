package io.narthex.net.client;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How to speak HTTP to somebody.
 *
 * @param basicAuth name and password, or null
 * @param authorization a token (the old {@code bearer_token} keys are read into this), or null
 * @param oauth2 tokens that are fetched from a server, or null
 * @param tls TLS where the URL asks for it
 * @param followRedirects whether a redirect is followed
 * @param enableHttp2 whether HTTP/2 may be spoken
 * @param proxy the way through a proxy
 * @param headers headers for every request, by name
 */
public record HttpClientConfig(
    @Nullable BasicAuth basicAuth,
    @Nullable Authorization authorization,
    @Nullable OAuth2 oauth2,
    TlsConfig tls,
    boolean followRedirects,
    boolean enableHttp2,
    ProxyConfig proxy,
    Map<String, HttpHeader> headers) {

  /** Nothing but a plain client that follows redirects. */
  public static final HttpClientConfig DEFAULT =
      new HttpClientConfig(
          null, null, null, TlsConfig.DEFAULT, true, true, ProxyConfig.NONE, Map.of());

  /** Headers that a client or its authentication sets itself. */
  private static final Set<String> RESERVED =
      Set.of(
          "authorization",
          "host",
          "content-encoding",
          "content-length",
          "content-type",
          "user-agent",
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "www-authenticate",
          "accept-encoding",
          "x-prometheus-remote-write-version",
          "x-prometheus-remote-read-version",
          "x-prometheus-scrape-timeout-seconds",
          "x-amz-date",
          "x-amz-security-token",
          "x-amz-content-sha256");

  public HttpClientConfig {
    headers = Map.copyOf(headers);
  }

  /** One without tokens that are fetched. */
  public HttpClientConfig(
      @Nullable BasicAuth basicAuth,
      @Nullable Authorization authorization,
      TlsConfig tls,
      boolean followRedirects,
      boolean enableHttp2,
      ProxyConfig proxy,
      Map<String, HttpHeader> headers) {
    this(basicAuth, authorization, null, tls, followRedirects, enableHttp2, proxy, headers);
  }

  /**
   * Reads the keys from the map they lie in, which the caller finishes before it calls {@link
   * Draft#complete}.
   */
  public static Draft read(YamlMap map) {
    BasicAuth basicAuth = map.optional("basic_auth", BasicAuth::decode);
    Authorization authorization = map.optional("authorization", Authorization::decode);
    TlsConfig tls = map.value("tls_config", TlsConfig.DEFAULT, TlsConfig::decode);
    boolean followRedirects = map.bool("follow_redirects", true);
    boolean enableHttp2 = map.bool("enable_http2", true);
    ProxyConfig proxy = ProxyConfig.read(map);
    Map<String, HttpHeader> headers =
        map.value("http_headers", Map.of(), v -> v.mapOf("config.Headers", HttpHeader::decode));
    String token = map.text("bearer_token", "");
    String tokenFile = map.file("bearer_token_file");
    OAuth2 oauth2 = map.optional("oauth2", OAuth2::decode);
    return () -> {
      checkOneAuthentication(
          map, basicAuth != null, authorization != null, oauth2 != null, token, tokenFile);
      if (oauth2 != null && !oauth2.problem().isEmpty()) {
        throw map.error("oauth2", oauth2.problem());
      }
      String problem = proxy.problem();
      if (!problem.isEmpty()) {
        throw map.self().error(problem);
      }
      for (String name : headers.keySet()) {
        if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
          throw map.error("http_headers", "setting header \"" + name + "\" is not allowed");
        }
      }
      boolean hasToken = !token.isEmpty() || !tokenFile.isEmpty();
      Authorization effective =
          hasToken ? new Authorization("Bearer", token, tokenFile) : authorization;
      return new HttpClientConfig(
          basicAuth, effective, oauth2, tls, followRedirects, enableHttp2, proxy, headers);
    };
  }

  /** The keys as they were read; their rules are still to be checked. */
  @FunctionalInterface
  public interface Draft {

    /**
     * Checks the rules between the keys.
     *
     * @throws io.narthex.base.yaml.YamlException if one is broken
     */
    HttpClientConfig complete();
  }

  private static void checkOneAuthentication(
      YamlMap map,
      boolean basicAuth,
      boolean authorization,
      boolean oauth2,
      String token,
      String tokenFile) {
    boolean anyToken = !token.isEmpty() || !tokenFile.isEmpty();
    if (!token.isEmpty() && !tokenFile.isEmpty()) {
      throw map.error(
          "bearer_token_file",
          "at most one of bearer_token & bearer_token_file must be configured");
    }
    if ((basicAuth || oauth2) && anyToken) {
      throw map.self()
          .error(
              "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be"
                  + " configured");
    }
    if (authorization && anyToken) {
      throw map.self()
          .error("authorization is not compatible with bearer_token & bearer_token_file");
    }
    if ((basicAuth && authorization) || (oauth2 && (basicAuth || authorization))) {
      throw map.self()
          .error("at most one of basic_auth, oauth2 & authorization must be configured");
    }
  }

  /** Writes the keys into the map they lie in, as upstream prints them. */
  public void write(YamlWriter.Map out) {
    if (basicAuth != null) {
      out.map("basic_auth", basicAuth::write);
    }
    if (authorization != null) {
      out.map("authorization", authorization::write);
    }
    if (oauth2 != null) {
      out.map("oauth2", oauth2::write);
    }
    out.mapIfAny("tls_config", tls::write);
    out.bool("follow_redirects", followRedirects);
    out.bool("enable_http2", enableHttp2);
    proxy.write(out);
    if (!headers.isEmpty()) {
      out.map(
          "http_headers",
          all -> new TreeMap<>(headers).forEach((name, h) -> all.map(name, h::write)));
    }
  }
}
