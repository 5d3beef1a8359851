package io.narthex.discovery.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The format: Prometheus' documentation, "Writing HTTP service discovery". */
final class HttpDiscoveryTest extends StubAcceptance {

  @Override
  protected String section(String url) {
    return "http_sd_configs: [{url: '" + url + "/targets'}]";
  }

  @Override
  protected void serve(int targets) {
    String groups =
        IntStream.rangeClosed(1, targets)
            .mapToObj(
                i -> "{\"targets\":[\"" + address(i) + "\"],\"labels\":{\"rack\":\"r" + i + "\"}}")
            .collect(Collectors.joining(","));
    stub.answer(asked -> Stub.Answer.json("[" + groups + "]"));
  }

  @Override
  protected String address(int number) {
    return "host" + number + ":9100";
  }

  private List<TargetGroup> refresh() throws Exception {
    HttpConfig config = (HttpConfig) config(section(stub.url()));
    try (TargetList list = new TargetList(config, context)) {
      return list.refresh();
    }
  }

  @Test
  void groupsKeepTheirLabels() throws Exception {
    serve(1);
    String url = stub.url() + "/targets";
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                url + ":0",
                Labels.of("__meta_url", url, "rack", "r1"),
                List.of(Labels.of("__address__", "host1:9100"))));
  }

  @Test
  void tellsHowOftenItAsks() throws Exception {
    serve(0);
    refresh();
    Stub.Asked asked = stub.asked().getFirst();
    assertThat(asked.path()).isEqualTo("/targets");
    assertThat(asked.header("X-Prometheus-Refresh-Interval-Seconds")).isEqualTo("60");
    assertThat(asked.header("Accept")).isEqualTo("application/json");
    assertThat(asked.header("User-Agent")).isEqualTo("test");
  }

  @Test
  void sendsTheNameAndPasswordOfTheUrl() throws Exception {
    serve(1);
    String url = "http://me:secret@" + stub.address() + "/targets";
    HttpConfig config = (HttpConfig) config("http_sd_configs: [{url: '" + url + "'}]");
    try (TargetList list = new TargetList(config, context)) {
      assertThat(list.refresh()).hasSize(1);
    }
    assertThat(stub.asked().getFirst().header("Authorization")).isEqualTo("Basic bWU6c2VjcmV0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | application/json | []               | server returned HTTP status 400 Bad Request
          201 | application/json | []               | server returned HTTP status 201 Created
          200 | text/plain       | []               | unsupported content type "text/plain"
          200 | application/json | [null]           | nil target group item found (index 0)
          200 | application/json | {}               | the JSON value is an object, expected an array
          200 | application/json | [{"targets": 1}] | [0].targets is a number, expected an array
          200 | application/json | [                | no valid JSON
          """)
  void wrongAnswers(int status, String type, String body, String message) {
    stub.answer(asked -> new Stub.Answer(status, type, body, Map.of()));
    assertThatThrownBy(this::refresh).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          application/json; charset=utf-8
          Application/JSON;charset="utf-8"
          application/json
          """)
  void contentTypes(String type) throws Exception {
    stub.answer(asked -> new Stub.Answer(200, type, "[]", Map.of()));
    assertThat(refresh()).isEmpty();
  }
}
