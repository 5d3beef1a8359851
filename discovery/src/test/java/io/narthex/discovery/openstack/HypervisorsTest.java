package io.narthex.discovery.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.Stub;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hypervisors, and what all roles share: who logs in, and where the services are. */
final class HypervisorsTest extends OpenStackAcceptance {

  private static final String LIST = "/compute/v2.1/os-hypervisors/detail";

  HypervisorsTest() {
    super("hypervisor");
  }

  private static String hypervisor(int i) {
    return """
    {"cpu_info": {"arch": "x86_64", "model": "Nehalem", "vendor": "Intel", "features": ["pge"],
       "topology": {"cores": 1, "threads": 1, "sockets": 4}},
     "current_workload": 0, "disk_available_least": 0, "free_disk_gb": 1028, "free_ram_mb": 7680,
     "local_gb": 1028, "local_gb_used": 0, "memory_mb": 8192, "memory_mb_used": 512,
     "running_vms": 0, "vcpus": 2, "vcpus_used": 0, "status": "enabled", "state": "up", "host_ip": "10.0.0.%d",
     "hypervisor_hostname": "node%d", "hypervisor_type": "QEMU", "hypervisor_version": 2002000,
     "id": %d, "service": {"host": "e6a37ee802d74863ab8b91ade8f12a67", "id": 2, "disabled_reason": null}}
    """
        .formatted(i, i, i);
  }

  @Override
  protected void serve(int targets) {
    lists.put(LIST, "\"hypervisors\": [" + elements(targets, HypervisorsTest::hypervisor) + "]");
    serve();
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
  }

  @Test
  void labels() throws Exception {
    serve(1);
    assertThat(refresh(section(stub.url())))
        .containsExactly(
            new TargetGroup(
                "OS_RegionOne",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "10.0.0.1:9100",
                        "__meta_openstack_hypervisor_host_ip", "10.0.0.1",
                        "__meta_openstack_hypervisor_hostname", "node1",
                        "__meta_openstack_hypervisor_id", "1",
                        "__meta_openstack_hypervisor_state", "up",
                        "__meta_openstack_hypervisor_status", "enabled",
                        "__meta_openstack_hypervisor_type", "QEMU"))));
  }

  @Test
  void numbersThatAreTexts() throws Exception {
    lists.put(LIST, "\"hypervisors\": [{\"id\": \"1bb62a04\", \"host_ip\": \"fe80::1\"}]");
    serve();
    Labels target = targets().getFirst();
    assertThat(target.getOrEmpty("__meta_openstack_hypervisor_id")).isEqualTo("1bb62a04");
    assertThat(target.getOrEmpty("__address__")).isEqualTo("[fe80::1]:9100");
  }

  @Test
  void pages() throws Exception {
    String next = stub.url() + LIST + "?marker=1";
    lists.put(
        LIST,
        "\"hypervisors\": ["
            + hypervisor(1)
            + "], \"hypervisors_links\": [{\"rel\": \"self\", \"href\": \"x\"}, {\"rel\": \"next\", \"href\": \""
            + next
            + "\"}]");
    lists.put(LIST + "?marker=1", "\"hypervisors\": [" + hypervisor(2) + "]");
    serve();
    assertThat(targets()).hasSize(2);
    lists.put(
        LIST + "?marker=1",
        "\"hypervisors\": [], \"hypervisors_links\": [{\"rel\": \"next\", \"href\": \""
            + next
            + "\"}]");
    assertThatThrownBy(this::targets).hasMessageContaining("go round in a circle");
  }

  @Test
  void availabilityAndRegion() throws Exception {
    serve(1);
    lists.put("/internal" + LIST, "\"hypervisors\": []");
    assertThat(refresh(section(stub.url(), "availability: internal")).getFirst().targets())
        .isEmpty();
    assertThatThrownBy(() -> refresh(section(stub.url(), "availability: admin")))
        .hasMessage(
            "could not create OpenStack compute session: No suitable endpoint could be found in the"
                + " service catalog.");
  }

  @Test
  void versionsOfTheIdentityService() throws Exception {
    String section = section(stub.url()).replace("/identity/v3", "/identity");
    serve(1);
    stub.answer(asked -> {
      if (asked.path().equals("/identity/")) {
        return new Stub.Answer(
            300,
            "application/json",
            """
            {"versions": {"values": [
              {"id": "v2.0", "status": "deprecated", "links": []},
              {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "%s/other/v3"}]}]}}
            """
                .formatted(stub.url()),
            Map.of());
      }
      return Stub.Answer.status(418, asked.path());
    });
    assertThatThrownBy(() -> refresh(section))
        .hasMessageContaining("could not authenticate to OpenStack: POST ")
        .hasMessageContaining("/other/v3/auth/tokens");
    stub.answer(asked -> Stub.Answer.json("{\"versions\": {\"values\": []}}"));
    assertThatThrownBy(() -> refresh(section)).hasMessageContaining("No supported version");
    assertThatThrownBy(() -> refresh(section.replace("/identity", "/v2.0")))
        .hasMessageContaining("not supported by Narthex");
  }

  private String login(String keys) throws Exception {
    serve(1);
    refresh(
        "openstack_sd_configs: [{role: hypervisor, region: RegionOne, identity_endpoint: '"
            + stub.url()
            + "/identity/v3/', "
            + keys
            + "}]");
    String body = stub.asked().getFirst().body();
    assertThat(JsonValue.parse(body.getBytes(StandardCharsets.UTF_8)).isObject()).isTrue();
    return body;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          username: u, password: secret, domain_id: d | {"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"u","domain":{"id":"d"},"password":"secret"}}}}}
          userid: i, password: secret | {"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"i","password":"secret"}}}}}
          userid: i, password: secret, project_id: p | {"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"i","password":"secret"}}},"scope":{"project":{"id":"p"}}}}
          username: u, password: secret, domain_name: n, project_name: p | {"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"u","domain":{"name":"n"},"password":"secret"}}},"scope":{"project":{"name":"p","domain":{"name":"n"}}}}}
          application_credential_id: a, application_credential_secret: secret | {"auth":{"identity":{"methods":["application_credential"],"application_credential":{"id":"a","secret":"secret"}}}}
          application_credential_name: a, application_credential_secret: secret, userid: i | {"auth":{"identity":{"methods":["application_credential"],"application_credential":{"name":"a","user":{"id":"i"},"secret":"secret"}}}}
          application_credential_name: a, application_credential_secret: secret, username: u, domain_id: d | {"auth":{"identity":{"methods":["application_credential"],"application_credential":{"name":"a","user":{"name":"u","domain":{"id":"d"}},"secret":"secret"}}}}
          """)
  void logins(String keys, String body) throws Exception {
    assertThat(login(keys)).isEqualTo(body);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          username: u, password: p                               | You must provide exactly one of DomainID or DomainName to authenticate by Username
          username: u, userid: i, password: p                    | Exactly one of Username and UserID must be provided for password authentication
          password: p                                            | Exactly one of Username and UserID must be provided for password authentication
          userid: i, password: p, domain_id: d                   | You may not provide a DomainID when authenticating with a UserID
          userid: i, password: p, project_name: q                | You must provide exactly one of DomainID or DomainName in a Scope with ProjectName
          username: u                                            | You must provide a password to authenticate
          application_credential_id: a                           | You must provide an Application Credential Secret
          userid: i, password: wrong                             | requires authentication
          """)
  void brokenLogins(String keys, String message) {
    assertThatThrownBy(() -> login(keys))
        .hasMessageStartingWith("could not authenticate to OpenStack: ")
        .hasMessageContaining(message);
  }

  @Test
  void environmentSaysWhoLogsIn() throws Exception {
    serve(1);
    String section = "openstack_sd_configs: [{role: hypervisor, region: RegionOne}]";
    assertThatThrownBy(() -> refresh(section))
        .hasMessage("Missing environment variable [OS_AUTH_URL]");
    Map<String, String> environment =
        Map.of(
            "OS_AUTH_URL", stub.url() + "/identity/v3",
            "OS_USERNAME", "u",
            "OS_PASSWORD", "secret",
            "OS_PROJECT_NAME", "p",
            "OS_TENANT_ID", "t",
            "OS_DOMAIN_ID", "d");
    assertThat(refresh(section, environment).getFirst().targets()).hasSize(1);
    assertThat(stub.asked().getFirst().body()).contains("\"scope\":{\"project\":{\"id\":\"t\"}}");
    assertThatThrownBy(() -> refresh(section, Map.of("OS_AUTH_URL", stub.url(), "OS_USERID", "i")))
        .hasMessage("Missing environment variable [OS_PASSWORD]");
    assertThatThrownBy(() -> refresh(section, Map.of("OS_AUTH_URL", stub.url())))
        .hasMessageContaining("[OS_USERID, OS_USERNAME]");
  }

  @Test
  void wrongAnswers() throws Exception {
    serve();
    assertThatThrownBy(this::targets).hasMessageContaining("404");
    lists.put(LIST, "\"hypervisors\": 1");
    assertThatThrownBy(this::targets).hasMessage("hypervisors is a number, expected an array");
    stub.answer(asked -> Stub.Answer.json("{\"token\": {}}"));
    assertThatThrownBy(this::targets).hasMessageContaining("no X-Subject-Token");
  }
}
