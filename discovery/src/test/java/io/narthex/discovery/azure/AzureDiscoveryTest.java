package io.narthex.discovery.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.VendorStub;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.model.labels.Labels;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The format: Microsoft's references "Virtual Machines - List All", "Virtual Machine Scale Sets -
 * List All", "Virtual Machine Scale Set VMs - List", "Network Interfaces - Get"; tokens: "Use
 * managed identities for App Service" and "Microsoft identity platform, client credentials".
 *
 * <p>The stub is behind a proxy that answers for the resource manager.
 */
final class AzureDiscoveryTest extends StubAcceptance {

  private static final String SUB = "/subscriptions/sub-1";
  private static final String COMPUTE = SUB + "/providers/Microsoft.Compute/";

  private final VendorStub front =
      new VendorStub(
          stub, "management.azure.com", "management.chinacloudapi.cn", "login.example.com");

  /** Bodies by paths without the version. */
  private final Map<String, String> bodies = new ConcurrentHashMap<>();

  @TempDir private Path folder;

  @AfterEach
  void closeFront() throws IOException {
    front.close();
  }

  private String section(String more, boolean managed) {
    return """
    azure_sd_configs:
    - subscription_id: sub-1
      tenant_id: tenant-1
      port: 9100
      proxy_url: %s
      tls_config: {ca_file: '%s'}
    %s
    %s
    """
        .formatted(
            front.url(),
            front.authority(),
            (managed ? "authentication_method: ManagedIdentity" : "").indent(2),
            more.indent(2));
  }

  @Override
  protected String section(String url) {
    return section("", true);
  }

  private Map<String, String> environment() {
    return Map.of("IDENTITY_ENDPOINT", stub.url() + "/msi/token", "IDENTITY_HEADER", "from-me");
  }

  @Override
  protected String peer() {
    return "prometheus242";
  }

  /** Prometheus 2.42 knows a cloud whose addresses are in a file. */
  @Override
  protected String peerSection(String url) {
    return """
    azure_sd_configs:
    - environment: AzureStackCloud
      subscription_id: sub-1
      tenant_id: tenant-1
      client_id: client-1
      client_secret: shh
      port: 9100
    """;
  }

  @Override
  protected Map<String, String> peerEnvironment() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("cloud.json"),
            """
            {"name": "AzureStackCloud", "resourceManagerEndpoint": "%s", "activeDirectoryEndpoint": "%s/",
             "tokenAudience": "%s"}
            """
                .formatted(stub.url(), stub.url(), stub.url()));
    return Map.of("AZURE_ENVIRONMENT_FILEPATH", file.toString());
  }

  @Override
  protected Discovery open(DiscoveryConfig config) {
    AzureConfig azure = (AzureConfig) config;
    return new Refreshing(
        "azure",
        azure.refreshInterval(),
        context,
        () -> new AzureMachines(azure, context, environment()));
  }

  private static String id(int i) {
    return SUB + "/resourceGroups/group-a/providers/Microsoft.Compute/virtualMachines/vm" + i;
  }

  private static String nic(int i) {
    return SUB + "/resourceGroups/group-a/providers/Microsoft.Network/networkInterfaces/nic" + i;
  }

  private static String machine(int i) {
    return """
    {"id": "%s", "name": "vm%d", "type": "Microsoft.Compute/virtualMachines", "location": "westeurope",
     "tags": {"env.name": "prod", "owner": "me"},
     "properties": {
       "vmId": "x", "hardwareProfile": {"vmSize": "Standard_D2s_v3"}, "provisioningState": "Succeeded",
       "storageProfile": {"osDisk": {"osType": "Linux", "name": "disk", "createOption": "FromImage"}, "dataDisks": []},
       "osProfile": {"computerName": "computer%d", "adminUsername": "a"},
       "networkProfile": {"networkInterfaces": [{"id": "%s", "properties": {"primary": true}}]}}}
    """
        .formatted(id(i), i, i, nic(i));
  }

  private static String networkInterface(int i) {
    return """
    {"id": "%s", "name": "nic%d", "location": "westeurope",
     "properties": {"primary": true, "ipConfigurations": [
       {"name": "ip", "properties": {"privateIPAddress": "10.0.0.%d", "primary": true,
         "publicIPAddress": {"id": "p", "properties": {"ipAddress": "192.0.2.%d"}}}},
       {"name": "second", "properties": {"privateIPAddress": "10.9.9.9"}}]}}
    """
        .formatted(nic(i), i, i, i);
  }

  private static String value(int count, IntFunction<String> element) {
    return "{\"value\": ["
        + IntStream.rangeClosed(1, count).mapToObj(element).collect(Collectors.joining(","))
        + "]}";
  }

  @Override
  protected void serve(int targets) {
    bodies.put(COMPUTE + "virtualMachines", value(targets, AzureDiscoveryTest::machine));
    bodies.put(COMPUTE + "virtualMachineScaleSets", "{\"value\": []}");
    for (int i = 1; i <= targets; i++) {
      bodies.put(nic(i), networkInterface(i));
    }
    answer();
  }

  private void answer() {
    stub.answer(asked -> {
      if (asked.path().startsWith("/msi/token")
          && asked.header("X-IDENTITY-HEADER").equals("from-me")) {
        return Stub.Answer.json(
            "{\"access_token\":\"good\",\"expires_on\":\"4102444800\",\"resource\":\"r\",\"token_type\":\"Bearer\"}");
      }
      if (asked.method().equals("POST")) {
        return Stub.Answer.json(
            "{\"access_token\":\"good\",\"expires_in\":3600,\"expires_on\":4102444800,\"token_type\":\"Bearer\"}");
      }
      if (!asked.header("Authorization").equals("Bearer good")) {
        return Stub.Answer.status(401, "{\"error\":{\"code\":\"AuthenticationFailed\"}}");
      }
      String body = bodies.get(asked.path().replaceAll("\\?.*", ""));
      return body == null
          ? Stub.Answer.status(404, "{\"error\":{\"code\":\"NotFound\"}}")
          : Stub.Answer.json(body);
    });
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
  }

  private AzureMachines source(String section, Map<String, String> environment) throws Exception {
    return new AzureMachines((AzureConfig) config(section), context, environment);
  }

  private List<Labels> targets(String section, Map<String, String> environment) throws Exception {
    try (AzureMachines source = source(section, environment)) {
      List<TargetGroup> groups = source.refresh();
      assertThat(groups).hasSize(1);
      return groups.getFirst().targets();
    }
  }

  private List<Labels> targets() throws Exception {
    return targets(section(""), environment());
  }

  private List<String> paths() {
    return stub.asked().stream()
        .map(Stub.Asked::path)
        .filter(path -> !path.startsWith("/msi/"))
        .toList();
  }

  private double counted(String name) {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals(name))
        .flatMap(metric -> ((CounterSnapshot) metric).getDataPoints().stream())
        .mapToDouble(point -> point.getValue())
        .sum();
  }

  @Test
  void labels() throws Exception {
    serve(1);
    // Prometheus 2.42 gave the group in small letters, newer ones as it is.
    String id = id(1).replace("group-a", "GROUP-A");
    bodies.computeIfPresent(COMPUTE + "virtualMachines", (path, body) -> body.replace(id(1), id));
    assertThat(targets())
        .containsExactly(
            Labels.of(
                "__address__", "10.0.0.1:9100",
                "__meta_azure_machine_computer_name", "computer1",
                "__meta_azure_machine_id", id,
                "__meta_azure_machine_location", "westeurope",
                "__meta_azure_machine_name", "vm1",
                "__meta_azure_machine_os_type", "Linux",
                "__meta_azure_machine_private_ip", "10.0.0.1",
                "__meta_azure_machine_public_ip", "192.0.2.1",
                "__meta_azure_machine_resource_group", "GROUP-A",
                "__meta_azure_machine_size", "Standard_D2s_v3",
                "__meta_azure_machine_tag_env_name", "prod",
                "__meta_azure_machine_tag_owner", "me",
                "__meta_azure_subscription_id", "sub-1",
                "__meta_azure_tenant_id", "tenant-1"));
    assertThat(paths())
        .containsExactly(
            COMPUTE + "virtualMachines?api-version=2024-03-01",
            COMPUTE + "virtualMachineScaleSets?api-version=2024-03-01",
            nic(1) + "?api-version=2023-05-01&%24expand=IPConfigurations%2FPublicIPAddress");
    assertThat(stub.asked().getLast().header("Host")).isEqualTo("management.azure.com");
  }

  /** A scale set with one machine, whose address is 10.0.1.1. */
  private void scaleSet() {
    String set =
        SUB + "/resourceGroups/group-b/providers/Microsoft.Compute/virtualMachineScaleSets/set";
    bodies.put(
        COMPUTE + "virtualMachineScaleSets",
        "{\"value\": [{\"id\": \"" + set + "\", \"name\": \"set\"}]}");
    String nic = set + "/virtualMachines/7/networkInterfaces/nic-set";
    bodies.put(
        set + "/virtualMachines",
        """
        {"value": [{"id": "%s/virtualMachines/7", "name": "set_7", "instanceId": "7", "location": "westeurope",
          "type": "t", "properties": {"networkProfile": {"networkInterfaces": [{"id": "%s"}]}}}]}
        """
            .formatted(set, nic));
    bodies.put(
        nic.replace("Microsoft.Compute", "microsoft.Compute"),
        networkInterface(1).replace("10.0.0.1", "10.0.1.1"));
  }

  @Test
  void machinesOfScaleSets() throws Exception {
    serve(1);
    scaleSet();
    Labels target = targets().getLast();
    assertThat(target.getOrEmpty("__address__")).isEqualTo("10.0.1.1:9100");
    assertThat(target.getOrEmpty("__meta_azure_machine_scale_set")).isEqualTo("set");
    assertThat(target.getOrEmpty("__meta_azure_machine_name")).isEqualTo("set_7");
    assertThat(target.getOrEmpty("__meta_azure_machine_resource_group")).isEqualTo("group-b");
    // Several interfaces are asked for at a time, in any order.
    assertThat(paths()).anyMatch(path -> path.contains("nic-set?api-version=2018-10-01&"));
  }

  @Test
  void onlyOneResourceGroup() throws Exception {
    serve(1);
    String compute = SUB + "/resourceGroups/my%20group/providers/Microsoft.Compute/";
    bodies.put(compute + "virtualMachines", value(1, AzureDiscoveryTest::machine));
    bodies.put(compute + "virtualMachineScaleSets", "{}");
    assertThat(targets(section("resource_group: my group", true), environment())).hasSize(1);
  }

  @Test
  void interfacesAreRemembered() throws Exception {
    serve(2);
    try (AzureMachines source = source(section(""), environment())) {
      source.refresh();
      assertThat(counted("prometheus_sd_azure_cache_hit")).isZero();
      source.refresh();
      assertThat(counted("prometheus_sd_azure_cache_hit")).isEqualTo(2);
      clock.advance(Duration.ofMinutes(66));
      source.refresh();
      assertThat(counted("prometheus_sd_azure_cache_hit")).isEqualTo(2);
      assertThat(paths().stream().filter(path -> path.contains("/networkInterfaces/"))).hasSize(4);
    }
  }

  @Test
  void pages() throws Exception {
    serve(2);
    String next = "https://management.azure.com" + COMPUTE + "more?api-version=1&$skiptoken=x";
    bodies.put(
        COMPUTE + "virtualMachines",
        "{\"value\": [" + machine(1) + "], \"nextLink\": \"" + next + "\"}");
    bodies.put(COMPUTE + "more", "{\"value\": [" + machine(2) + "]}");
    assertThat(targets()).hasSize(2);
    bodies.put(COMPUTE + "more", "{\"value\": [], \"nextLink\": \"" + next + "\"}");
    assertThatThrownBy(this::targets)
        .hasMessageStartingWith("could not get virtual machines: ")
        .hasMessageContaining("go round in a circle");
  }

  @Test
  void machinesThatAreNoTargets() throws Exception {
    serve(4);
    bodies.remove(nic(1));
    bodies.put(nic(2), "{\"properties\": {\"ipConfigurations\": []}}");
    bodies.put(nic(3), "{\"properties\": {\"primary\": false}}");
    assertThat(targets())
        .extracting(target -> target.getOrEmpty("__address__"))
        .containsExactly(address(4));
    bodies.put(
        nic(3),
        "{\"properties\": {\"primary\": true, \"ipConfigurations\": [{\"properties\": {}}]}}");
    assertThatThrownBy(this::targets)
        .hasMessage(
            "unable to complete Azure service discovery: unable to find a private IP for VM vm3");
    assertThat(counted("prometheus_sd_azure_failures")).isEqualTo(1);
  }

  @Test
  void oauth() throws Exception {
    serve(1);
    Map<String, String> environment = Map.of("AZURE_AUTHORITY_HOST", stub.url());
    String keys = "client_id: client-1\nclient_secret: shh";
    assertThat(targets(section(keys, false), environment)).hasSize(1);
    Stub.Asked token = stub.asked().getFirst();
    assertThat(token.path()).isEqualTo("/tenant-1/oauth2/v2.0/token");
    assertThat(token.body())
        .isEqualTo(
            "client_id=client-1&client_secret=shh&grant_type=client_credentials"
                + "&scope=https%3A%2F%2Fmanagement.core.windows.net%2F%2F.default");
  }

  @Test
  void managedIdentity() throws Exception {
    serve(0);
    targets(section("client_id: client-1", true), environment());
    assertThat(stub.asked().getFirst().path())
        .isEqualTo(
            "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.core.windows.net%2F"
                + "&client_id=client-1");
  }

  @Test
  void workloadIdentity() throws Exception {
    serve(1);
    Path file = Files.writeString(folder.resolve("token"), "assertion\n");
    Map<String, String> environment =
        Map.of(
            "AZURE_AUTHORITY_HOST",
            stub.url(),
            "AZURE_CLIENT_ID",
            "client-2",
            "AZURE_TENANT_ID",
            "tenant-2",
            "AZURE_FEDERATED_TOKEN_FILE",
            file.toString());
    String section = section("authentication_method: WorkloadIdentity", false);
    assertThat(targets(section, environment)).hasSize(1);
    Stub.Asked token = stub.asked().getFirst();
    assertThat(token.path()).isEqualTo("/tenant-2/oauth2/v2.0/token");
    assertThat(token.body()).contains("client_assertion=assertion&", "client_id=client-2&");
    assertThatThrownBy(() -> source(section, Map.of()))
        .hasMessageContaining("no client ID specified: AZURE_CLIENT_ID");
    String sdk = section("authentication_method: SDK", false);
    assertThat(targets(sdk, environment)).hasSize(1);
    assertThat(stub.asked().getLast().path()).contains("networkInterfaces");
  }

  @ParameterizedTest
  @CsvSource({
    "AzurePublicCloud, https://management.azure.com, https://management.core.windows.net//.default",
    "azurecloud, https://management.azure.com, https://management.core.windows.net//.default",
    "AzureGermanCloud, https://management.azure.com, https://management.core.windows.net//.default",
    "AzureChinaCloud, https://management.chinacloudapi.cn, https://management.core.chinacloudapi.cn/.default",
    "AzureUSGovernment, https://management.usgovcloudapi.net, https://management.core.usgovcloudapi.net/.default",
    "AZUREUSGOVERNMENTCLOUD, https://management.usgovcloudapi.net, https://management.core.usgovcloudapi.net/.default"
  })
  void clouds(String environment, String endpoint, String scope) throws Exception {
    assertThat(AzureCloud.of(environment).endpoint()).isEqualTo(endpoint);
    assertThat(AzureCloud.of(environment).scope()).isEqualTo(scope);
  }

  @Test
  void anotherCloud() throws Exception {
    serve(1);
    assertThat(targets(section("environment: AzureChinaCloud", true), environment())).hasSize(1);
    assertThat(stub.asked().getLast().header("Host")).isEqualTo("management.chinacloudapi.cn");
    assertThatThrownBy(() -> source(section("environment: AzureMoon", true), environment()))
        .hasMessage(
            "could not create Azure client: there is no cloud configuration matching the name"
                + " \"AZUREMOON\"");
    assertThat(counted("prometheus_sd_azure_failures")).isEqualTo(1);
  }

  @Test
  void wrongAnswers() {
    serve(1);
    bodies.put(nic(1), "[]");
    assertThatThrownBy(this::targets)
        .hasMessage(
            "unable to complete Azure service discovery: the JSON value is an array, expected an"
                + " object");
    bodies.put(COMPUTE + "virtualMachineScaleSets", "{\"value\": 1}");
    assertThatThrownBy(this::targets)
        .hasMessage(
            "could not get virtual machine scale sets: value is a number, expected an array");
    bodies.put(
        COMPUTE + "virtualMachineScaleSets", "{\"value\": [{\"id\": \"set\", \"name\": \"set\"}]}");
    assertThatThrownBy(this::targets).hasMessageContaining("invalid ID 'set'");
    bodies.remove(COMPUTE + "virtualMachines");
    assertThatThrownBy(this::targets).hasMessageContaining("404");
    stub.answer(asked -> Stub.Answer.status(400, "{\"error\":\"x\",\"error_description\":\"no\"}"));
    assertThatThrownBy(this::targets)
        .hasMessageContaining("Failed to get access token: 400 Bad Request: no");
    assertThat(counted("prometheus_sd_azure_failures")).isEqualTo(5);
  }
}
