package io.narthex.discovery.stackit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.Tokens;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.model.labels.Labels;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The format: STACKIT's API reference, "IaaS API v1, list all servers inside a project"; the key
 * flow: its documentation "Create and use a service account key".
 */
final class StackitDiscoveryTest extends StubAcceptance {

  private static final KeyPair KEYS = Tokens.rsaKeys();

  @TempDir private Path folder;

  private String key(boolean withPrivateKey) {
    String included =
        withPrivateKey
            ? ",\"privateKey\":\"" + Tokens.pem(KEYS.getPrivate()).replace("\n", "\\n") + "\""
            : "";
    return "{\"active\":true,\"id\":\"0b9e6f4e-24a5-4d0a-a2b5-37f6f5f2b4f1\",\"credentials\":{"
        + "\"aud\":\"https://stackit.example\",\"iss\":\"sa@sa.stackit.cloud\",\"kid\":\"the-kid\","
        + "\"sub\":\"9c8f5a5e-2d4e-4e9a-8f3d-0a4c5d6e7f80\""
        + included
        + "}}";
  }

  @Override
  protected String section(String url) {
    try {
      Path file = Files.writeString(folder.resolve("key.json"), key(true));
      return "stackit_sd_configs: [{project: p-1, endpoint: '%s/api/', port: 9100, service_account_key_path: '%s'}]"
          .formatted(url, file);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Map<String, String> environment() {
    return Map.of("STACKIT_TOKEN_BASEURL", stub.url() + "/token");
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Debian leaves it out of Prometheus 3.5.3, and 2.42 does not have it";
  }

  @Override
  protected Discovery open(DiscoveryConfig config) {
    StackitConfig stackit = (StackitConfig) config;
    return new Refreshing(
        "stackit",
        stackit.refreshInterval(),
        context,
        () -> new StackitServers(stackit, context, environment()));
  }

  private static String server(int i) {
    return """
    {"availabilityZone": "eu01-3", "bootVolume": {"id": "b"}, "createdAt": "2025-03-12T14:48:17Z",
     "id": "id-%d", "labels": {"stackit_project_id": "0", "my.label": "v", "empty": "", "n": 7},
     "machineType": "g1.1", "name": "server%d",
     "nics": [
       {"ipv4": "10.0.0.%d", "networkId": "n", "networkName": "my net", "nicSecurity": true},
       {"ipv4": "10.1.0.%d", "networkName": "other", "publicIp": "192.0.2.%d"},
       {"ipv4": null, "networkName": "v6", "ipv6": "2001:db8::1", "publicIp": "192.0.2.99"}],
     "powerStatus": "RUNNING", "status": "ACTIVE", "userData": null}
    """
        .formatted(i, i, i, i, i);
  }

  @Override
  protected void serve(int targets) {
    String servers =
        IntStream.rangeClosed(1, targets)
            .mapToObj(StackitDiscoveryTest::server)
            .collect(Collectors.joining(","));
    answer("{\"items\": [" + servers + "]}");
  }

  private void answer(String body) {
    stub.answer(asked -> {
      if (asked.path().equals("/token")) {
        return Stub.Answer.json(
            "{\"access_token\":\""
                + Tokens.unsigned()
                + "\",\"token_type\":\"Bearer\",\"expires_in\":600,\"refresh_token\":\""
                + Tokens.unsigned()
                + "\"}");
      }
      boolean known = asked.header("Authorization").equals("Bearer " + Tokens.unsigned());
      return known && asked.path().equals("/api/v1/projects/p-1/servers?details=true")
          ? Stub.Answer.json(body)
          : Stub.Answer.status(401, "who are you?");
    });
  }

  @Override
  protected String address(int number) {
    return "192.0.2." + number + ":9100";
  }

  private List<TargetGroup> refresh(String section) throws Exception {
    try (StackitServers servers =
        new StackitServers((StackitConfig) config(section), context, environment())) {
      return servers.refresh();
    }
  }

  private List<TargetGroup> refresh() throws Exception {
    return refresh(section(stub.url()));
  }

  @Test
  void labels() throws Exception {
    serve(1);
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "stackit",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "192.0.2.1:9100",
                        "__meta_stackit_availability_zone", "eu01-3",
                        "__meta_stackit_id", "id-1",
                        "__meta_stackit_label_my_label", "v",
                        "__meta_stackit_label_stackit_project_id", "0",
                        "__meta_stackit_labelpresent_empty", "true",
                        "__meta_stackit_labelpresent_my_label", "true",
                        "__meta_stackit_labelpresent_stackit_project_id", "true",
                        "__meta_stackit_name", "server1",
                        "__meta_stackit_power_status", "RUNNING",
                        "__meta_stackit_private_ipv4_my_net", "10.0.0.1",
                        "__meta_stackit_private_ipv4_other", "10.1.0.1",
                        "__meta_stackit_project", "p-1",
                        "__meta_stackit_public_ipv4", "192.0.2.1",
                        "__meta_stackit_status", "ACTIVE",
                        "__meta_stackit_type", "g1.1"))));
  }

  @Test
  void privateAddressWhereThereIsNoPublicOne() throws Exception {
    answer(
        """
        {"items": [
          {"id": "none", "nics": []},
          {"id": "null", "nics": null},
          {"id": "private", "nics": [{"ipv4": "10.0.0.8", "networkName": "a"}]}]}
        """);
    List<Labels> targets = refresh().getFirst().targets();
    assertThat(targets).hasSize(1);
    assertThat(targets.getFirst().getOrEmpty("__address__")).isEqualTo("10.0.0.8:9100");
    assertThat(targets.getFirst().getOrEmpty("__meta_stackit_public_ipv4")).isEmpty();
  }

  @Test
  void signsAnAssertionWithTheKeyOfTheServiceAccount() throws Exception {
    serve(1);
    refresh();
    Stub.Asked token = stub.asked().getFirst();
    Map<String, String> form =
        java.util.Arrays.stream(token.body().split("&", -1))
            .map(field -> field.split("=", 2))
            .collect(
                Collectors.toMap(f -> f[0], f -> URLDecoder.decode(f[1], StandardCharsets.UTF_8)));
    assertThat(form.get("grant_type")).isEqualTo("urn:ietf:params:oauth:grant-type:jwt-bearer");
    String assertion = form.getOrDefault("assertion", "");
    assertThat(Tokens.isSigned(assertion, "SHA512withRSA", KEYS.getPublic())).isTrue();
    JsonValue header = JsonValue.parse(Tokens.part(assertion, 0).getBytes(StandardCharsets.UTF_8));
    assertThat(header.text("alg")).isEqualTo("RS512");
    assertThat(header.text("kid")).isEqualTo("the-kid");
    JsonValue claims = JsonValue.parse(Tokens.part(assertion, 1).getBytes(StandardCharsets.UTF_8));
    assertThat(claims.text("iss")).isEqualTo("sa@sa.stackit.cloud");
    assertThat(claims.text("sub")).isEqualTo("9c8f5a5e-2d4e-4e9a-8f3d-0a4c5d6e7f80");
    assertThat(claims.text("aud")).isEqualTo("https://stackit.example");
    assertThat(claims.whole("exp") - claims.whole("iat")).isEqualTo(600);
  }

  @Test
  void privateKeyBesideTheServiceAccountsKey() throws Exception {
    serve(1);
    Path pem = Files.writeString(folder.resolve("key.pem"), Tokens.pem(KEYS.getPrivate()));
    String section =
        "stackit_sd_configs: [{project: p-1, endpoint: '%s/api', service_account_key: '%s'%s}]";
    assertThat(
            refresh(section.formatted(stub.url(), key(false), ", private_key_path: '" + pem + "'")))
        .hasSize(1);
    assertThatThrownBy(() -> refresh(section.formatted(stub.url(), key(false), "")))
        .hasMessageContaining("private key is not part of the service account key");
  }

  @Test
  void credentialsFile() throws Exception {
    serve(1);
    Path file =
        Files.writeString(
            folder.resolve("credentials.json"),
            "{\"STACKIT_SERVICE_ACCOUNT_TOKEN\":\"" + Tokens.unsigned() + "\"}");
    String section =
        "stackit_sd_configs: [{project: p-1, endpoint: '%s/api', credentials_file_path: '%s'}]"
            .formatted(stub.url(), file);
    assertThat(refresh(section).getFirst().targets()).hasSize(1);
    assertThat(stub.asked()).hasSize(1);
    Files.writeString(file, "{}");
    assertThatThrownBy(() -> refresh(section)).hasMessageContaining("no valid credentials");
  }

  @Test
  void withoutAKeyTheHttpClientsOwnCredentials() throws Exception {
    serve(1);
    String section =
        "stackit_sd_configs: [{project: p-1, endpoint: '%s/api', authorization: {credentials: '%s'}}]"
            .formatted(stub.url(), Tokens.unsigned());
    assertThat(refresh(section).getFirst().targets()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"items": 3}             | items is a number, expected an array
          {"items": [{"id": 3}]}   | items[0].id is a number, expected a text
          <html>                   | no valid JSON
          """)
  void wrongAnswers(String body, String message) {
    answer(body);
    assertThatThrownBy(this::refresh).hasMessageContaining(message);
  }

  @Test
  void refusals() {
    serve(1);
    assertThatThrownBy(
            () -> refresh("stackit_sd_configs: [{project: x, endpoint: '" + stub.url() + "'}]"))
        .hasMessageContaining(
            "/v1/projects/x/servers?details=true: server returned HTTP status 401")
        .hasMessageContaining("who are you?");
  }
}
