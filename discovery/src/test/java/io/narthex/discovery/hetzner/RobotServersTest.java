package io.narthex.discovery.hetzner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.VendorAcceptance;
import io.narthex.model.labels.Labels;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The answers: Hetzner's "Robot Webservice" documentation, {@code GET /server}. */
final class RobotServersTest extends VendorAcceptance {

  private static final String SERVER =
      """
      {"server": {"server_ip": "123.123.123.123", "server_ipv6_net": "2a01:f48:111:4221::",
        "server_number": 321, "server_name": "server1", "product": "DS 3000", "dc": "NBG1-DC1",
        "traffic": "5 TB", "status": "ready", "cancelled": false, "paid_until": "2010-09-02",
        "ip": ["123.123.123.123"],
        "subnet": [{"ip": "123.123.124.0", "mask": "29"},
                   {"ip": "2a01:4f8:111:4221::", "mask": "64"}]}}
      """;

  RobotServersTest() {
    super("robot-ws.your-server.de");
  }

  @Override
  protected String vendorSection(String access) {
    return "hetzner_sd_configs: [{role: robot, port: 9100,"
        + " basic_auth: {username: robot, password: secret}, "
        + access
        + "}]";
  }

  @Override
  protected void serve(int targets) {
    String servers =
        IntStream.rangeClosed(1, targets)
            .mapToObj(i -> SERVER.replace("123.123.123.123", "192.0.2." + i))
            .collect(Collectors.joining(","));
    stub.answer(asked ->
        asked.path().equals("/server")
            ? Stub.Answer.json("[" + servers + "]")
            : Stub.Answer.status(404, asked.path()));
  }

  @Override
  protected String address(int number) {
    return "192.0.2." + number + ":9100";
  }

  private List<TargetGroup> refresh() throws Exception {
    try (RobotServers servers = new RobotServers((HetznerConfig) config(section()), context)) {
      return servers.refresh();
    }
  }

  @Test
  void labels() throws Exception {
    stub.answer(asked -> Stub.Answer.json("[" + SERVER + "]"));
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "hetzner",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "123.123.123.123:9100",
                        "__meta_hetzner_role", "robot",
                        "__meta_hetzner_server_id", "321",
                        "__meta_hetzner_server_name", "server1",
                        "__meta_hetzner_server_status", "ready",
                        "__meta_hetzner_datacenter", "nbg1-dc1",
                        "__meta_hetzner_public_ipv4", "123.123.123.123",
                        "__meta_hetzner_public_ipv6_network", "2a01:4f8:111:4221::/64",
                        "__meta_hetzner_robot_product", "DS 3000",
                        "__meta_hetzner_robot_cancelled", "false"))));
  }

  @Test
  void sendsNameAndPassword() throws Exception {
    serve(1);
    refresh();
    byte[] login = "robot:secret".getBytes(StandardCharsets.UTF_8);
    assertThat(stub.asked().getFirst().header("Authorization"))
        .isEqualTo("Basic " + Base64.getEncoder().encodeToString(login));
  }

  @Test
  void wrongAnswers() {
    stub.answer(asked -> Stub.Answer.status(401, "{}"));
    assertThatThrownBy(this::refresh)
        .hasMessage(
            "non 2xx status '401' response during hetzner service discovery with role robot");
    stub.answer(asked -> Stub.Answer.json("{}"));
    assertThatThrownBy(this::refresh).hasMessage("the JSON value is an object, expected an array");
  }
}
