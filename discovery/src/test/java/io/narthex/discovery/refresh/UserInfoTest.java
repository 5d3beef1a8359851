package io.narthex.discovery.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Request;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UserInfoTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          http://host/path@x        | ~~
          http://host?q=a@b         | ~~
          http://u:p@host/          | u:p
          http://u@host             | u:
          https://u:p:q@host:1/a@b  | u:p:q
          http://a%40b:c+%2B@host   | a@b:c++
          """)
  void pairs(String url, String pair) {
    Request request = UserInfo.added(Request.get(HttpUrl.parse(url)), url);
    String sent =
        request.headers().stream()
            .filter(header -> header.name().equals("Authorization"))
            .map(header -> header.value().replaceFirst("^Basic ", ""))
            .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8))
            .collect(Collectors.joining(","));
    assertThat(sent).isEqualTo(pair);
  }
}
