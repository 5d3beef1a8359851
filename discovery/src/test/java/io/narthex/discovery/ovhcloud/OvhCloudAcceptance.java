package io.narthex.discovery.ovhcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.testkit.Conformance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What both services keep. The answers: recorded ones, and OVHcloud's API console for the same
 * paths; signatures: "First Steps with the OVHcloud API".
 */
abstract class OvhCloudAcceptance extends StubAcceptance {

  /** How far the server's clock is behind that of the tests, in seconds. */
  private static final long BEHIND = 100;

  private static final String TIME = "" + (1_700_000_000L - BEHIND);

  private final String service;
  private final String path;
  private final String recordedName;
  private final String list;
  private final String details;

  OvhCloudAcceptance(
      String service, String path, String recordedName, String list, String details) {
    this.service = service;
    this.path = path;
    this.recordedName = recordedName;
    this.list = list;
    this.details = details;
  }

  /** An endpoint that contains a slash is taken as the address, by Prometheus as well. */
  @Override
  protected String section(String url) {
    return "ovhcloud_sd_configs: [{endpoint: '"
        + url
        + "/1.0', application_key: app, application_secret: secret, consumer_key: consumer,"
        + " service: "
        + service
        + "}]";
  }

  @Override
  protected void serve(int targets) {
    Map<String, String> answers = new TreeMap<>();
    answers.put(
        "/1.0" + path,
        IntStream.rangeClosed(1, targets)
            .mapToObj(i -> "\"server " + i + "\"")
            .collect(Collectors.joining(",", "[", "]")));
    for (int i = 1; i <= targets; i++) {
      String own = "/1.0" + path + "/server+" + i;
      answers.put(
          own, "{\"name\": \"server " + i + "\", \"model\": {\"datacenter\": [\"a\",\"b\"]}}");
      answers.put(own + "/ips", "[\"192.0.2." + i + "\", \"2001:0db8:0:0:1:0:0:" + i + "\"]");
    }
    serve(answers);
  }

  final void serve(Map<String, String> answers) {
    stub.answer(asked -> {
      if (asked.path().equals("/1.0/auth/time")) {
        return Stub.Answer.json(TIME);
      }
      String answer = answers.get(asked.path());
      return answer == null
          ? Stub.Answer.status(404, "{\"message\": \"The requested object does not exist\"}")
          : Stub.Answer.json(answer);
    });
  }

  final void serveRecorded() throws IOException {
    Path folder = Conformance.path("service-discovery/ovhcloud/" + service);
    String own = "/1.0" + path + "/" + recordedName;
    serve(
        Map.of(
            "/1.0" + path,
            Files.readString(folder.resolve(list + ".json")),
            own,
            Files.readString(folder.resolve(details + ".json")),
            own + "/ips",
            Files.readString(folder.resolve(list + "_" + recordedName + "_ips.json"))));
  }

  @Override
  protected String address(int number) {
    return "192.0.2." + number;
  }

  final List<TargetGroup> refresh() throws IOException {
    try (Servers servers = new Servers((OvhCloudConfig) config(section(stub.url())), context)) {
      return servers.refresh();
    }
  }

  @Test
  void addressesOfBothVersions() throws Exception {
    serve(1);
    String prefix = "__meta_ovhcloud_" + service + "_";
    assertThat(refresh().getFirst().targets().getFirst().get(prefix + "ipv4"))
        .isEqualTo("192.0.2.1");
    assertThat(refresh().getFirst().targets().getFirst().get(prefix + "ipv6"))
        .isEqualTo("2001:db8::1:0:0:1");
  }

  @Test
  void requestsAreSignedWithTheTimeOfTheServer() throws Exception {
    serve(1);
    refresh();
    assertThat(stub.asked())
        .extracting(Stub.Asked::path)
        .containsExactly(
            "/1.0/auth/time",
            "/1.0" + path,
            "/1.0" + path + "/server+1",
            "/1.0" + path + "/server+1/ips");
    Stub.Asked time = stub.asked().getFirst();
    assertThat(time.header("X-Ovh-Application")).isEqualTo("app");
    assertThat(time.header("X-Ovh-Signature")).isEmpty();
    for (Stub.Asked asked : stub.asked().subList(1, 4)) {
      assertThat(asked.header("X-Ovh-Application")).isEqualTo("app");
      assertThat(asked.header("X-Ovh-Consumer")).isEqualTo("consumer");
      assertThat(asked.header("X-Ovh-Timestamp")).isEqualTo(TIME);
      String signed = "secret+consumer+GET+" + stub.url() + asked.path() + "++" + TIME;
      byte[] hash =
          MessageDigest.getInstance("SHA-1").digest(signed.getBytes(StandardCharsets.UTF_8));
      assertThat(asked.header("X-Ovh-Signature")).isEqualTo("$1$" + HexFormat.of().formatHex(hash));
    }
  }

  @Test
  void serversThatCannotBeDescribedDoNotHideTheOthers() throws Exception {
    String own = "/1.0" + path + "/";
    serve(
        Map.of(
            "/1.0" + path,
            "[\"expired\", \"bad\", \"good\", \"none\"]",
            own + "bad",
            "{}",
            own + "bad/ips",
            "[\"no address\"]",
            own + "good",
            "{\"name\": \"good\"}",
            own + "good/ips",
            "[\"0.0.0.0\", \"2001:db8::/64\", \"192.0.2.9/32\"]",
            own + "none",
            "{}",
            own + "none/ips",
            "[]"));
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().targets())
        .extracting(target -> target.get("instance"))
        .containsExactly("good");
    assertPrometheusFinds(section(stub.url()), groups);
  }

  @Test
  void wrongAnswers() {
    stub.answer(asked -> Stub.Answer.status(404, "no time"));
    assertThatThrownBy(this::refresh)
        .hasMessageContaining("/1.0/auth/time")
        .hasMessageContaining("404");
    serve(Map.of());
    assertThatThrownBy(this::refresh)
        .hasMessageContaining("/1.0" + path + ": server returned HTTP status 404");
    serve(Map.of("/1.0" + path, "[1]"));
    assertThatThrownBy(this::refresh).hasMessage("[0] is a number, expected a text");
    stub.answer(asked ->
        switch (asked.path().substring(4)) {
          case "/auth/time" -> Stub.Answer.json(TIME);
          case "/vps", "/dedicated/server" -> Stub.Answer.json("[\"a\"]");
          default -> Stub.Answer.status(429, "too many");
        });
    assertThatThrownBy(this::refresh).hasMessageContaining("status 429: too many");
  }

  @Test
  void namedEndpointsAreKnown() throws Exception {
    OvhCloudConfig config = (OvhCloudConfig) config(section(stub.url()));
    for (String name :
        List.of(
            "ovh-eu",
            "ovh-ca",
            "ovh-us",
            "kimsufi-eu",
            "kimsufi-ca",
            "soyoustart-eu",
            "soyoustart-ca")) {
      new Servers(at(config, name), context).close();
    }
    assertThatThrownBy(() -> new Servers(at(config, "ovh-ue"), context))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("unknown endpoint \"ovh-ue\", expected a URL or one of ovh-eu");
  }

  private static OvhCloudConfig at(OvhCloudConfig config, String endpoint) {
    return new OvhCloudConfig(
        endpoint,
        config.applicationKey(),
        config.applicationSecret(),
        config.consumerKey(),
        config.refreshInterval(),
        config.service());
  }
}
