package io.narthex.discovery.gce;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.Tokens;
import io.narthex.discovery.VendorStub;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The format: Google's reference "Compute Engine API v1, instances.list"; tokens: "Using OAuth 2.0
 * for server to server applications" and "Authenticate workloads using service accounts".
 *
 * <p>Prometheus is led to the stub by a proxy in its environment; this program is told another
 * address of the API.
 */
final class GceDiscoveryTest extends StubAcceptance {

  private static final KeyPair KEYS = Tokens.rsaKeys();
  private static final String LIST =
      "/compute/v1/projects/my-project/zones/europe-west1-b/instances";
  private static final String SECTION =
      "gce_sd_configs: [{project: my-project, zone: europe-west1-b, port: 9100}]";

  private final VendorStub front = new VendorStub(stub, "compute.googleapis.com");

  @TempDir private Path folder;

  @AfterEach
  void closeFront() throws IOException {
    front.close();
  }

  @Override
  protected String section(String url) {
    return SECTION;
  }

  private Map<String, String> account() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("account.json"),
            """
            {"type": "service_account", "project_id": "my-project", "private_key_id": "the-kid",
             "client_email": "me@my-project.iam.gserviceaccount.com", "client_id": "123",
             "token_uri": "%s/token", "private_key": "%s"}
            """
                .formatted(stub.url(), Tokens.pem(KEYS.getPrivate()).replace("\n", "\\n")));
    return Map.of("GOOGLE_APPLICATION_CREDENTIALS", file.toString());
  }

  @Override
  protected Map<String, String> peerEnvironment() throws IOException {
    return Map.of(
        "GOOGLE_APPLICATION_CREDENTIALS",
        account().getOrDefault("GOOGLE_APPLICATION_CREDENTIALS", ""),
        "HTTPS_PROXY",
        front.url(),
        "SSL_CERT_FILE",
        front.authority().toString());
  }

  /** The same access, but the API is the stub. */
  private GoogleAccess access(Map<String, String> environment) throws IOException {
    GoogleAccess found = GoogleAccess.find(environment);
    return new GoogleAccess(stub.url(), found.http(), found.token());
  }

  @Override
  protected Discovery open(DiscoveryConfig config) {
    GceConfig gce = (GceConfig) config;
    return new Refreshing(
        "gce",
        gce.refreshInterval(),
        context,
        () -> new GceInstances(gce, context, access(account())));
  }

  private static String instance(int i) {
    return """
    {"id": "%d", "creationTimestamp": "2026-01-01T00:00:00.000-08:00", "name": "instance-%d",
     "tags": {"items": ["http-server", "https-server"], "fingerprint": "x="},
     "machineType": "https://www.googleapis.com/compute/v1/projects/my-project/zones/europe-west1-b/machineTypes/e2-micro",
     "status": "RUNNING",
     "zone": "https://www.googleapis.com/compute/v1/projects/my-project/zones/europe-west1-b",
     "networkInterfaces": [
       {"network": "https://www.googleapis.com/compute/v1/projects/my-project/global/networks/default",
        "subnetwork": "https://www.googleapis.com/compute/v1/projects/my-project/regions/europe-west1/subnetworks/default",
        "networkIP": "10.132.0.%d", "name": "nic0",
        "accessConfigs": [
          {"type": "ONE_TO_ONE_NAT", "name": "External NAT", "natIP": "192.0.2.%d"}]},
       {"network": "https://www.googleapis.com/compute/v1/projects/my-project/global/networks/two",
        "networkIP": "10.133.0.%d", "name": "nic1"}],
     "metadata": {"fingerprint": "y=",
       "items": [{"key": "enable-oslogin", "value": "true"}, {"key": "nothing"}]},
     "labels": {"my-label": "v", "other_label": "w"}}
    """
        .formatted(7_000_000_000_000_000_000L + i, i, i, i, i);
  }

  @Override
  protected void serve(int targets) {
    serve(
        IntStream.rangeClosed(1, targets)
            .mapToObj(GceDiscoveryTest::instance)
            .collect(Collectors.joining(",")));
  }

  private void serve(String instances) {
    answer(asked -> "{\"kind\": \"compute#instanceList\", \"items\": [" + instances + "]}");
  }

  private void answer(java.util.function.Function<Stub.Asked, String> list) {
    stub.answer(asked -> {
      if (asked.path().equals("/token") || asked.path().startsWith("/computeMetadata/")) {
        return Stub.Answer.json(
            "{\"access_token\":\"good\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
      }
      boolean known = asked.header("Authorization").equals("Bearer good");
      return known && asked.path().startsWith(LIST + "?alt=json&")
          ? Stub.Answer.json(list.apply(asked))
          : Stub.Answer.status(401, "who are you?");
    });
  }

  @Override
  protected String address(int number) {
    return "10.132.0." + number + ":9100";
  }

  private List<TargetGroup> refresh(String section, Map<String, String> environment)
      throws Exception {
    try (GceInstances instances =
        new GceInstances((GceConfig) config(section), context, access(environment))) {
      return instances.refresh();
    }
  }

  private List<TargetGroup> refresh() throws Exception {
    return refresh(SECTION, account());
  }

  @Test
  void labels() throws Exception {
    serve(1);
    String base = "https://www.googleapis.com/compute/v1/projects/my-project/";
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "GCE_my-project_europe-west1-b",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "10.132.0.1:9100",
                        "__meta_gce_instance_id", "7000000000000000001",
                        "__meta_gce_instance_name", "instance-1",
                        "__meta_gce_instance_status", "RUNNING",
                        "__meta_gce_interface_ipv4_nic0", "10.132.0.1",
                        "__meta_gce_interface_ipv4_nic1", "10.133.0.1",
                        "__meta_gce_label_my_label", "v",
                        "__meta_gce_label_other_label", "w",
                        "__meta_gce_machine_type",
                            base + "zones/europe-west1-b/machineTypes/e2-micro",
                        "__meta_gce_metadata_enable_oslogin", "true",
                        "__meta_gce_network", base + "global/networks/default",
                        "__meta_gce_private_ip", "10.132.0.1",
                        "__meta_gce_project", "my-project",
                        "__meta_gce_public_ip", "192.0.2.1",
                        "__meta_gce_subnetwork", base + "regions/europe-west1/subnetworks/default",
                        "__meta_gce_tags", ",http-server,https-server,",
                        "__meta_gce_zone", base + "zones/europe-west1-b"))));
  }

  @Test
  void separatorAndFilter() throws Exception {
    serve(1);
    String section =
        "gce_sd_configs: [{project: my-project, zone: europe-west1-b, tag_separator: ';', filter: 'labels.a = \"b c\"'}]";
    Labels target = refresh(section, account()).getFirst().targets().getFirst();
    assertThat(target.getOrEmpty("__meta_gce_tags")).isEqualTo(";http-server;https-server;");
    assertThat(target.getOrEmpty("__address__")).isEqualTo("10.132.0.1:80");
    assertThat(stub.asked().getLast().path())
        .isEqualTo(LIST + "?alt=json&prettyPrint=false&filter=labels.a+%3D+%22b+c%22");
  }

  @Test
  void instancesWithoutNetworkAreNoTargets() throws Exception {
    serve("{\"id\": \"1\", \"name\": \"bare\"}," + instance(2));
    assertThat(refresh().getFirst().targets()).hasSize(1);
  }

  @Test
  void pages() throws Exception {
    answer(asked -> {
      boolean first = !asked.path().contains("pageToken=");
      return "{\"items\": ["
          + instance(first ? 1 : 2)
          + "]"
          + (first ? ", \"nextPageToken\": \"a/b=\"" : "")
          + "}";
    });
    assertThat(refresh().getFirst().targets())
        .extracting(labels -> labels.getOrEmpty("__address__"))
        .containsExactly(address(1), address(2));
    assertThat(stub.asked().getLast().path()).endsWith("&pageToken=a%2Fb%3D");
  }

  @Test
  void pagesInACircleAreAnError() throws Exception {
    answer(asked -> "{\"items\": [], \"nextPageToken\": \"again\"}");
    assertThatThrownBy(this::refresh).hasMessageContaining("go round in a circle");
    assertThat(stub.asked()).hasSize(3);
  }

  @Test
  void signsAnAssertionWithTheKeyOfTheServiceAccount() throws Exception {
    serve(0);
    refresh();
    String body = stub.asked().getFirst().body();
    assertThat(body).contains("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer");
    String assertion = URLDecoder.decode(body.replaceAll(".*assertion=([^&]*).*", "$1"), UTF_8);
    assertThat(Tokens.isSigned(assertion, "SHA256withRSA", KEYS.getPublic())).isTrue();
    assertThat(JsonValue.parse(Tokens.part(assertion, 0).getBytes(UTF_8)).text("kid"))
        .isEqualTo("the-kid");
    JsonValue claims = JsonValue.parse(Tokens.part(assertion, 1).getBytes(UTF_8));
    assertThat(claims.text("iss")).isEqualTo("me@my-project.iam.gserviceaccount.com");
    assertThat(claims.text("aud")).isEqualTo(stub.url() + "/token");
    assertThat(claims.text("scope")).isEqualTo("https://www.googleapis.com/auth/compute.readonly");
    assertThat(claims.get("sub").isNull()).isTrue();
  }

  @Test
  void machinesOwnAccount() throws Exception {
    serve(1);
    GceConfig config = (GceConfig) config(SECTION);
    GoogleAccess access = access(Map.of("GCE_METADATA_HOST", stub.address()));
    try (GceInstances instances = new GceInstances(config, context, access)) {
      assertThat(instances.refresh().getFirst().targets()).hasSize(1);
      Stub.Asked token = stub.asked().getFirst();
      assertThat(token.path())
          .isEqualTo(
              "/computeMetadata/v1/instance/service-accounts/default/token"
                  + "?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcompute.readonly");
      assertThat(token.header("Metadata-Flavor")).isEqualTo("Google");
      instances.refresh();
      assertThat(stub.asked()).as("the token is kept").hasSize(3);
      clock.advance(Duration.ofMinutes(55));
      instances.refresh();
      assertThat(stub.asked()).as("and renewed").hasSize(5);
    }
  }

  @Test
  void usersOwnAccount() throws Exception {
    serve(1);
    Path gcloud = Files.createDirectories(folder.resolve(".config/gcloud"));
    Files.writeString(
        gcloud.resolve("application_default_credentials.json"),
        """
        {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r/",
         "token_uri": "%s/token"}
        """
            .formatted(stub.url()));
    Map<String, String> environment = Map.of("HOME", folder.toString());
    assertThat(refresh(SECTION, environment).getFirst().targets()).hasSize(1);
    assertThat(stub.asked().getFirst().body())
        .isEqualTo("client_id=c&client_secret=s&grant_type=refresh_token&refresh_token=r%2F");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"type": "external_account"}  | credentials of the type "external_account" are not supported
          {"type": "service_account"}   | the service account has no client_email
          []                            | the JSON value is an array, expected an object
          """)
  void wrongCredentials(String text, String message) throws Exception {
    Path file = Files.writeString(folder.resolve("wrong.json"), text);
    assertThatThrownBy(
            () -> GoogleAccess.find(Map.of("GOOGLE_APPLICATION_CREDENTIALS", file.toString())))
        .hasMessageContaining("error setting up communication with GCE service: " + file)
        .hasMessageContaining(message);
  }

  @Test
  void addressOfTheApi() throws Exception {
    assertThat(GoogleAccess.find(account()).endpoint()).isEqualTo("https://compute.googleapis.com");
  }

  @Test
  void wrongAnswers() {
    answer(asked -> "{\"items\": {}}");
    assertThatThrownBy(this::refresh)
        .hasMessage(
            "error retrieving refresh targets from gce: items is an object, expected an array");
    stub.answer(asked -> Stub.Answer.status(403, "{\"error\": {\"code\": 403}}"));
    assertThatThrownBy(this::refresh)
        .hasMessageContaining("error retrieving refresh targets from gce: ")
        .hasMessageContaining("403");
  }
}
