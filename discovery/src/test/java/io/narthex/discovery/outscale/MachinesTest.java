package io.narthex.discovery.outscale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The answers: the OUTSCALE API reference, {@code ReadVms}. */
final class MachinesTest extends StubAcceptance {

  private static final String MACHINE =
      """
      {"VmType": "tinav5.c2r2p2", "VmId": "i-12345678", "State": "running",
       "PrivateIp": "10.0.0.4", "PublicIp": "192.0.2.4", "ImageId": "ami-12345678",
       "Placement": {"Tenancy": "default", "SubregionName": "eu-west-2a"},
       "Tags": [{"Key": "Name", "Value": "web 1"}, {"Key": "my-tag", "Value": "x"},
                {"Key": "empty", "Value": ""}]}
      """;

  private String secret = "secret_key: secret";

  @Override
  protected String section(String url) {
    return "outscale_sd_configs: [{port: 9100, access_key: ACCESS, "
        + secret
        + ", endpoint: '"
        + url
        + "/api/v1/'}]";
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Prometheus 3.5.3 has no outscale_sd_configs";
  }

  /** Two to a page. */
  @Override
  protected void serve(int targets) {
    stub.answer(asked -> {
      if (!asked.method().equals("POST") || !asked.path().equals("/api/v1/ReadVms")) {
        return Stub.Answer.status(404, asked.path());
      }
      int page = asked.body().equals("{\"NextPageToken\":\"more\"}") ? 2 : 1;
      String machines =
          IntStream.rangeClosed(2 * page - 1, Math.min(2 * page, targets))
              .mapToObj(i -> MACHINE.replace("10.0.0.4", "10.0.0." + i))
              .collect(Collectors.joining(","));
      return page(machines, page == 1 && targets > 2 ? "more" : "");
    });
  }

  private static Stub.Answer page(String machines, String token) {
    return Stub.Answer.json(
        "{\"Vms\": ["
            + machines
            + "], \"NextPageToken\": \""
            + token
            + "\", \"ResponseContext\": {\"RequestId\": \"0475ca1e\"}}");
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
  }

  private List<TargetGroup> refresh() throws IOException, InterruptedException {
    try (Machines machines = new Machines((OutscaleConfig) config(section(stub.url())), context)) {
      return machines.refresh();
    }
  }

  @Test
  void labels() throws Exception {
    stub.answer(asked -> page(MACHINE, ""));
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "eu-west-2",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "10.0.0.4:9100",
                        "__meta_outscale_vm_instance_id", "i-12345678",
                        "__meta_outscale_vm_private_ip", "10.0.0.4",
                        "__meta_outscale_vm_public_ip", "192.0.2.4",
                        "__meta_outscale_vm_region", "eu-west-2",
                        "__meta_outscale_vm_state", "running",
                        "__meta_outscale_vm_subregion", "eu-west-2a",
                        "__meta_outscale_vm_tag_Name", "web 1",
                        "__meta_outscale_vm_tag_my_tag", "x"))));
  }

  @Test
  void thePublicAddressWhereThereIsNoPrivateOne() throws Exception {
    stub.answer(asked -> page("{\"PublicIp\": \"192.0.2.4\"}, {\"PrivateIp\": \"\"}, {}", ""));
    assertThat(refresh().getFirst().targets())
        .extracting(target -> target.get("__address__"))
        .containsExactly("192.0.2.4:9100");
  }

  @Test
  void asksPageAfterPageWithASignature() throws Exception {
    serve(3);
    refresh();
    assertThat(stub.asked())
        .extracting(Stub.Asked::body)
        .containsExactly("{}", "{\"NextPageToken\":\"more\"}");
    Stub.Asked asked = stub.asked().getFirst();
    // The clock of the tests stands at 1,700,000,000 seconds.
    assertThat(asked.header("X-Amz-Date")).isEqualTo("20231114T221320Z");
    assertThat(asked.header("Content-Type")).isEqualTo("application/json");
    assertThat(asked.header("Authorization"))
        .matches(
            "AWS4-HMAC-SHA256 Credential=ACCESS/20231114/eu-west-2/oapi/aws4_request,"
                + " SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,"
                + " Signature=[0-9a-f]{64}");
  }

  @Test
  void theSignatureDependsOnTheSecretWhichIsReadForEachTurn(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("secret");
    serve(1);
    refresh();
    secret = "secret_key_file: " + file;
    Files.writeString(file, "secret\n");
    try (Machines machines = new Machines((OutscaleConfig) config(section(stub.url())), context)) {
      machines.refresh();
      Files.writeString(file, "other\n");
      machines.refresh();
      Files.delete(file);
      assertThatThrownBy(machines::refresh)
          .hasMessageContaining("unable to read outscale secret key file " + file);
    }
    List<String> signed =
        stub.asked().stream().map(asked -> asked.header("Authorization")).toList();
    assertThat(signed).hasSize(3);
    assertThat(signed.get(1)).isEqualTo(signed.get(0));
    assertThat(signed.get(2)).isNotEqualTo(signed.get(0));
  }

  @Test
  void theEndpointIsThatOfTheRegion() throws Exception {
    String section =
        "outscale_sd_configs: [{access_key: a, secret_key: s, region: eu-west-9,"
            + " proxy_url: 'http://127.0.0.1:1'}]";
    try (Machines machines = new Machines((OutscaleConfig) config(section), context)) {
      assertThatThrownBy(machines::refresh)
          .hasMessageContaining("https://api.eu-west-9.outscale.com/api/v1/ReadVms");
    }
  }

  @Test
  void pagesThatRepeatAreAnError() {
    stub.answer(asked -> page(MACHINE, "again"));
    assertThatThrownBy(this::refresh).hasMessageContaining("go round in a circle, back to again");
    assertThat(stub.asked()).hasSize(2);
  }

  @Test
  void wrongAnswers() {
    stub.answer(asked -> Stub.Answer.status(401, "{\"Errors\": [{\"Code\": \"4120\"}]}"));
    assertThatThrownBy(this::refresh)
        .hasMessageStartingWith("outscale ReadVms: POST " + stub.url() + "/api/v1/ReadVms: ")
        .hasMessageContaining("401 Unauthorized: {\"Errors\": [{\"Code\": \"4120\"}]}");
    stub.answer(asked -> Stub.Answer.json("{\"Vms\": \"\"}"));
    assertThatThrownBy(this::refresh).hasMessage("Vms is a text, expected an array");
  }
}
