package io.narthex.net.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.net.client.ProxyConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProxiesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a.example          | http://a.example        | false
          a.example          | http://b.a.example      | false
          a.example          | http://ba.example       | true
          .a.example         | http://a.example        | true
          .a.example         | http://b.a.example      | false
          *.a.example        | http://b.a.example      | false
          A.Example          | http://a.EXAMPLE        | false
          a.example:81       | http://a.example        | true
          a.example:81       | http://a.example:81     | false
          x, 10.1.2.3        | http://10.1.2.3:99      | false
          10.1.2.3:9         | http://10.1.2.3:99      | true
          10.0.0.0/8         | http://10.200.0.1       | false
          10.0.0.0/9         | http://10.200.0.1       | true
          10.0.0.0/8         | http://11.0.0.1         | true
          fd00::/16          | http://[fd00::1]        | false
          [fd00::1]:80       | http://[fd00::1]        | false
          fd00::2            | http://[fd00::1]        | true
          *                  | https://any             | false
          x                  | http://localhost:1      | false
          x                  | http://127.9.9.9        | false
          x                  | http://[::1]            | false
          x                  | https://any             | true
          """)
  void exceptionsOfNoProxy(String noProxy, String url, boolean proxied) {
    Proxies proxies =
        new Proxies(new ProxyConfig("http://proxy:3128", noProxy, false, Map.of()), Map.of());
    assertThat(proxies.to(HttpUrl.parse(url)) != null).isEqualTo(proxied);
  }

  @Test
  void aProxyAloneIsForEverything() {
    Proxies proxies =
        new Proxies(new ProxyConfig("https://u:p%3A@[::1]", "", false, Map.of()), Map.of());
    assertThat(proxies.to(HttpUrl.parse("http://localhost")))
        .isEqualTo(new Proxies.Via("https", "::1", 443, "u", "p:"));
    assertThat(
            new Proxies(ProxyConfig.NONE, Map.of("HTTP_PROXY", "x")).to(HttpUrl.parse("http://a")))
        .isNull();
  }

  @Test
  void theEnvironmentNamesProxies() {
    ProxyConfig config = new ProxyConfig("", "", true, Map.of());
    Map<String, String> environment =
        Map.of("HTTP_PROXY", "one:1", "https_proxy", "socks5://two", "no_proxy", "b.example");
    Proxies proxies = new Proxies(config, environment);
    assertThat(proxies.to(HttpUrl.parse("http://a.example")))
        .isEqualTo(new Proxies.Via("http", "one", 1, "", ""));
    assertThat(proxies.to(HttpUrl.parse("https://a.example")))
        .isEqualTo(new Proxies.Via("socks5", "two", 1080, "", ""));
    assertThat(proxies.to(HttpUrl.parse("https://b.example"))).isNull();
    Map<String, String> cgi = Map.of("HTTP_PROXY", "one:1", "REQUEST_METHOD", "GET");
    assertThat(new Proxies(config, cgi).to(HttpUrl.parse("http://a.example"))).isNull();
  }

  @Test
  void otherSchemesAreRefused() {
    assertThatThrownBy(() -> new Proxies(new ProxyConfig("ftp://a", "", false, Map.of()), Map.of()))
        .hasMessage("proxy: unknown scheme: ftp");
  }
}
