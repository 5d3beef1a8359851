package io.narthex.net.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The messages are those of promtool 3.5 for the same settings. */
final class HttpClientConfigTest {

  private static HttpClientConfig read(String yaml) {
    return Yaml.decode(
        yaml,
        Path.of("/etc"),
        value -> {
          YamlMap map = value.map("config.ScrapeConfig");
          HttpClientConfig.Draft draft = HttpClientConfig.read(map);
          map.finish();
          return draft.complete();
        });
  }

  @Test
  void defaults() {
    assertThat(read("{}")).isEqualTo(HttpClientConfig.DEFAULT);
    assertThat(HttpClientConfig.DEFAULT.followRedirects()).isTrue();
    assertThat(HttpClientConfig.DEFAULT.enableHttp2()).isTrue();
  }

  @Test
  void everyKey() {
    HttpClientConfig config =
        read(
            """
            basic_auth: {username: u, password: p}
            tls_config:
              ca_file: ca.pem
              cert_file: cert.pem
              key_file: key.pem
              server_name: name
              insecure_skip_verify: true
              min_version: TLS12
              max_version: TLS13
            follow_redirects: false
            enable_http2: false
            proxy_url: http://u:p@proxy:80
            no_proxy: localhost
            proxy_connect_header: {X-A: [b]}
            http_headers: {X-B: {values: [v], secrets: [s], files: [f]}}
            """);
    assertThat(config)
        .isEqualTo(
            new HttpClientConfig(
                new BasicAuth("u", "", "p", ""),
                null,
                new TlsConfig(
                    "",
                    "/etc/ca.pem",
                    "",
                    "/etc/cert.pem",
                    "",
                    "/etc/key.pem",
                    "name",
                    true,
                    "TLS12",
                    "TLS13"),
                false,
                false,
                new ProxyConfig(
                    "http://u:p@proxy:80", "localhost", false, Map.of("X-A", List.of("b"))),
                Map.of("X-B", new HttpHeader(List.of("v"), List.of("s"), List.of("/etc/f")))));
    assertThat(YamlWriter.print(config::write))
        .isEqualTo(
            """
            basic_auth:
              username: u
              password: <secret>
            tls_config:
              ca_file: /etc/ca.pem
              cert_file: /etc/cert.pem
              key_file: /etc/key.pem
              server_name: name
              insecure_skip_verify: true
              min_version: TLS12
              max_version: TLS13
            follow_redirects: false
            enable_http2: false
            proxy_url: http://u:xxxxx@proxy:80
            no_proxy: localhost
            proxy_connect_header:
              X-A:
              - <secret>
            http_headers:
              X-B:
                values:
                - v
                secrets:
                - <secret>
                files:
                - /etc/f
            """);
  }

  @Test
  void oauth2() {
    HttpClientConfig config =
        read(
            """
            oauth2:
              client_id: me
              client_secret_file: secret
              client_certificate_key_id: k
              grant_type: client_credentials
              signature_algorithm: RS384
              iss: i
              audience: au
              claims: {a: b, n: 7, t: true}
              scopes: [x, y]
              token_url: https://tokens/
              endpoint_params: {p: q}
              tls_config: {ca_file: ca}
              proxy_url: http://proxy
            """);
    OAuth2 oauth2 = java.util.Objects.requireNonNull(config.oauth2());
    assertThat(oauth2.clientSecretFile()).isEqualTo("/etc/secret");
    assertThat(oauth2.claims()).isEqualTo(Map.of("a", "b", "n", 7L, "t", true));
    assertThat(oauth2.scopes()).containsExactly("x", "y");
    assertThat(oauth2.endpointParams()).isEqualTo(Map.of("p", "q"));
    assertThat(oauth2.tls().caFile()).isEqualTo("/etc/ca");
    assertThat(oauth2.proxy().url()).isEqualTo("http://proxy");
    assertThat(oauth2.keyId() + oauth2.signatureAlgorithm() + oauth2.iss() + oauth2.audience())
        .isEqualTo("kRS384iau");
    assertThat(YamlWriter.print(config::write))
        .contains("oauth2:\n  client_id: me\n", "  token_url: https://tokens/\n")
        .doesNotContain("null");
  }

  @Test
  void otherForms() {
    assertThat(read("basic_auth: {username_file: u, password_file: p}").basicAuth())
        .isEqualTo(new BasicAuth("", "/etc/u", "", "/etc/p"));
    assertThat(read("authorization: {credentials: c}").authorization())
        .isEqualTo(new Authorization("Bearer", "c", ""));
    assertThat(read("authorization: {type: ' Token ', credentials_file: c}").authorization())
        .isEqualTo(new Authorization("Token", "", "/etc/c"));
    assertThat(read("bearer_token: t").authorization())
        .isEqualTo(new Authorization("Bearer", "t", ""));
    assertThat(read("bearer_token_file: t").authorization())
        .isEqualTo(new Authorization("Bearer", "", "/etc/t"));
    assertThat(read("proxy_from_environment: true").proxy().fromEnvironment()).isTrue();
    assertThat(read("tls_config: {ca: a, cert: b, key: c}").tls().key()).isEqualTo("c");
    assertThat(YamlWriter.print(read("authorization: {credentials: c}")::write))
        .startsWith("authorization:\n  type: Bearer\n  credentials: <secret>\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {bearer_token: a, bearer_token_file: b}                                 | at most one of bearer_token & bearer_token_file must be configured
          {bearer_token: a, basic_auth: {username: b}}                            | at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured
          {bearer_token: a, authorization: {credentials: b}}                      | authorization is not compatible with bearer_token & bearer_token_file
          {basic_auth: {username: a}, authorization: {credentials: b}}            | at most one of basic_auth, oauth2 & authorization must be configured
          {basic_auth: {username: a}, oauth2: {client_id: b}}                     | at most one of basic_auth, oauth2 & authorization must be configured
          {basic_auth: {username: a, username_file: b}}                           | at most one of basic_auth username, username_file & username_ref must be configured
          {basic_auth: {password: a, password_file: b}}                           | at most one of basic_auth password, password_file & password_ref must be configured
          {authorization: {credentials: a, credentials_file: b}}                  | at most one of authorization credentials & credentials_file must be configured
          {authorization: {type: BASIC}}                                          | authorization type cannot be set to "basic", use "basic_auth" instead
          {tls_config: {ca: a, ca_file: b}}                                       | at most one of ca, ca_file & ca_ref must be configured
          {tls_config: {cert: a, cert_file: b}}                                   | at most one of cert, cert_file & cert_ref must be configured
          {tls_config: {key: a, key_file: b}}                                     | at most one of key and key_file must be configured
          {tls_config: {cert: a}}                                                 | exactly one of key or key_file must be configured when a client certificate is configured
          {tls_config: {key: a}}                                                  | exactly one of cert or cert_file must be configured when a client key is configured
          {tls_config: {min_version: TLS9}}                                       | unknown TLS version: TLS9
          {proxy_url: 'http://a', proxy_from_environment: true}                   | if proxy_from_environment is configured, proxy_url must not be configured
          {no_proxy: a, proxy_from_environment: true}                             | if proxy_from_environment is configured, no_proxy must not be configured
          {no_proxy: a}                                                           | if no_proxy is configured, proxy_url must also be configured
          {proxy_connect_header: {a: [b]}}                                        | if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured
          {http_headers: {Host: {values: [b]}}}                                   | setting header "Host" is not allowed
          {oauth2: {token_url: a}}                                                | oauth2 client_id must be configured
          {oauth2: {client_id: a}}                                                | oauth2 token_url must be configured
          {oauth2: {client_id: a, token_url: b, client_secret: c, client_secret_file: d}} | at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured
          {oauth2: {client_id: a, token_url: b}, authorization: {credentials: c}} | at most one of basic_auth, oauth2 & authorization must be configured
          {oauth2: {client_id: a, token_url: b}, bearer_token: c}                 | at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured
          {oauth2: {client_id: a, token_url: b, no_proxy: c}}                     | if no_proxy is configured, proxy_url must also be configured
          {oauth2: {client_id: a, token_url: b, grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', signature_algorithm: ES256}} | valid signature algorithms are RS256, RS384 and RS512
          {oauth2: {client_id: a, token_url: b, grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_certificate_key: c, client_certificate_key_file: d}} | at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref must be configured using grant-type=urn:ietf:params:oauth:grant-type:jwt-bearer
          """)
  void brokenRules(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml)).hasMessage(message + " (line 1)");
  }

  @Test
  void wrongTypesAreCollected() {
    assertThatThrownBy(() ->
            read(
                """
                basic_auth: a
                tls_config: {x: 1}
                authorization: a
                http_headers: a
                proxy_url: [a]
                proxy_connect_header: {a: b}
                follow_redirects: a
                enable_http2: 1
                """))
        .hasMessage(
            """
            yaml: unmarshal errors:
              line 1: cannot unmarshal !!str `a` into config.plain
              line 2: field x not found in type config.plain
              line 3: cannot unmarshal !!str `a` into config.Authorization
              line 4: cannot unmarshal !!str `a` into config.Headers
              line 5: cannot unmarshal !!seq into string
              line 6: cannot unmarshal !!str `b` into []config.Secret
              line 7: cannot unmarshal !!str `a` into bool
              line 8: cannot unmarshal !!int `1` into bool\
            """);
  }
}
