package io.narthex.discovery.triton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.PeerTargets;
import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The answers: "Container Monitor with Prometheus" in Triton's documentation, and the discovery
 * endpoints {@code /v1/discover} and {@code /v1/gz/discover} of triton-cmon.
 */
final class TritonDiscoveryTest extends StubAcceptance {

  private static final TestAuthority AUTHORITY = new TestAuthority("triton test");
  private static final String NODES =
      """
      {"cns": [{"server_uuid": "44454c4c-5000-104d-8037-b7c04f5a5131",
                "server_hostname": "server01", "more": {}},
               {"server_hostname": "headnode",
                "server_uuid": "a5894692-bd32-4ca1-908a-e2dda3c3a5e6"}]}
      """;

  @TempDir private Path folder;
  private TlsFront front;
  private String tls;

  @BeforeEach
  void startFront() throws Exception {
    front = new TlsFront(AUTHORITY, stub::port);
    TestAuthority.Issued account = AUTHORITY.issue("account");
    tls =
        "tls_config: {ca_file: "
            + file("ca.pem", AUTHORITY.certificate())
            + ", cert_file: "
            + file("cert.pem", account.certificate())
            + ", key_file: "
            + file("key.pem", account.key())
            + "}";
  }

  @AfterEach
  void stopFront() throws IOException {
    front.close();
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private String keyed(String... keys) {
    return "triton_sd_configs: [{account: a, dns_suffix: triton.example, endpoint: 127.0.0.1, port: "
        + front.port()
        + ", "
        + String.join(", ", keys)
        + "}]";
  }

  @Override
  protected String section(String url) {
    return keyed(tls);
  }

  @Override
  protected void serve(int targets) {
    String containers =
        IntStream.rangeClosed(1, targets)
            .mapToObj(i ->
                "{\"server_uuid\":\"server-"
                    + i
                    + "\",\"vm_alias\":\"alias\",\"vm_brand\":\"lx\",\"vm_image_uuid\":\"i\","
                    + "\"vm_uuid\":\"vm-"
                    + i
                    + "\",\"groups\":"
                    + (i == 1 ? "[]" : "[\"a\",\"b\"]")
                    + "}")
            .collect(Collectors.joining(","));
    stub.answer(asked -> Stub.Answer.json("{\"containers\":[" + containers + "]}"));
  }

  @Override
  protected String address(int number) {
    return "vm-" + number + ".triton.example:" + front.port();
  }

  private TargetGroup refresh(String section) throws Exception {
    try (TritonTargets targets = new TritonTargets((TritonConfig) config(section), context)) {
      List<TargetGroup> groups = targets.refresh();
      assertThat(groups).hasSize(1);
      return groups.getFirst();
    }
  }

  @Test
  void containers() throws Exception {
    stub.answer(asked ->
        Stub.Answer.json(
            """
            {"containers": [
              {"groups": ["foo", "bar", "baz"],
               "server_uuid": "44454c4c-5000-104d-8037-b7c04f5a5131",
               "vm_alias": "server01",
               "vm_brand": "lx",
               "vm_image_uuid": "7b27a514-89d7-11e6-bee6-3f96f367bee7",
               "vm_uuid": "ad466fbf-46a2-4027-9b64-8d3cdb7e9072",
               "vm_owner_uuid": "somebody"},
              {"vm_uuid": "a5894692-bd32-4ca1-908a-e2dda3c3a5e6"}]}
            """));
    TargetGroup group = refresh(keyed(tls));
    assertThat(group.source()).isEqualTo("https://127.0.0.1:" + front.port() + "/v1/discover");
    assertThat(group.labels()).isEqualTo(Labels.EMPTY);
    assertThat(group.targets())
        .containsExactly(
            Labels.of(
                "__address__",
                "ad466fbf-46a2-4027-9b64-8d3cdb7e9072.triton.example:" + front.port(),
                "__meta_triton_groups",
                ",foo,bar,baz,",
                "__meta_triton_machine_alias",
                "server01",
                "__meta_triton_machine_brand",
                "lx",
                "__meta_triton_machine_id",
                "ad466fbf-46a2-4027-9b64-8d3cdb7e9072",
                "__meta_triton_machine_image",
                "7b27a514-89d7-11e6-bee6-3f96f367bee7",
                "__meta_triton_server_id",
                "44454c4c-5000-104d-8037-b7c04f5a5131"),
            Labels.of(
                "__address__",
                "a5894692-bd32-4ca1-908a-e2dda3c3a5e6.triton.example:" + front.port(),
                "__meta_triton_machine_id",
                "a5894692-bd32-4ca1-908a-e2dda3c3a5e6"));
  }

  @Test
  void computeNodes() throws Exception {
    stub.answer(asked -> Stub.Answer.json(NODES));
    assertThat(refresh(keyed(tls, "role: cn")).targets())
        .containsExactly(
            Labels.of(
                "__address__",
                "44454c4c-5000-104d-8037-b7c04f5a5131.triton.example:" + front.port(),
                "__meta_triton_machine_alias",
                "server01",
                "__meta_triton_machine_id",
                "44454c4c-5000-104d-8037-b7c04f5a5131"),
            Labels.of(
                "__address__",
                "a5894692-bd32-4ca1-908a-e2dda3c3a5e6.triton.example:" + front.port(),
                "__meta_triton_machine_alias",
                "headnode",
                "__meta_triton_machine_id",
                "a5894692-bd32-4ca1-908a-e2dda3c3a5e6"));
    assertThat(stub.asked().getFirst().path()).isEqualTo("/v1/gz/discover");
  }

  @Test
  void findsTheComputeNodesThatPrometheusFinds() throws Exception {
    stub.answer(asked -> Stub.Answer.json(NODES));
    String section = keyed(tls, "role: cn");
    Set<Map<String, String>> ours = new HashSet<>();
    for (Labels target : refresh(section).targets()) {
      Map<String, String> labels = new TreeMap<>();
      target.forEach(labels::put);
      ours.add(labels);
    }
    assertThat(PeerTargets.find(section, 2)).isEqualTo(ours);
  }

  @Test
  void groupsAndVersionAreAskedFor() throws Exception {
    serve(1);
    refresh(keyed(tls, "version: 3", "groups: [foo, 'b a&r']"));
    assertThat(stub.asked().getFirst().path()).isEqualTo("/v3/discover?groups=foo%2Cb+a%26r");
    assertThat(stub.asked().getFirst().header("Accept")).isEqualTo("application/json");
  }

  @Test
  void withoutCertificateThereIsNoAnswer() {
    serve(1);
    assertThatThrownBy(() -> refresh(keyed("tls_config: {insecure_skip_verify: true}")))
        .isInstanceOf(IOException.class);
    assertThat(stub.asked()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 | no such account   | server returned HTTP status 401 Unauthorized: no such account
          200 | {"containers": 1} | containers is a number, expected an array
          200 | {"containers":    | no valid JSON
          200 | ''                | unexpected end of JSON input
          """)
  void wrongAnswers(int status, String body, String message) {
    stub.answer(asked -> new Stub.Answer(status, "application/json", body, Map.of()));
    assertThatThrownBy(() -> refresh(keyed(tls))).hasMessageContaining(message);
  }
}
