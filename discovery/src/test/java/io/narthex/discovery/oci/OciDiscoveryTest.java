package io.narthex.discovery.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.Tokens;
import io.narthex.discovery.VendorStub;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The format: Oracle's references "Core Services API: ListInstances, ListVnicAttachments, GetVnic",
 * "Identity API: ListCompartments", "Request Signatures" and "Calling Services from an Instance".
 *
 * <p>The stub is behind a proxy that answers for the region's services, and checks each signature.
 */
final class OciDiscoveryTest extends StubAcceptance {

  private static final KeyPair KEYS = Tokens.rsaKeys();
  private static final String IAAS = "iaas.us-ashburn-1.oraclecloud.com";
  private static final String IDENTITY = "identity.us-ashburn-1.oci.oraclecloud.com";
  private static final String AUTH = "auth.us-ashburn-1.oraclecloud.com";

  private final VendorStub front =
      new VendorStub(stub, IAAS, IDENTITY, AUTH, "iaas.uk-gov-london-1.oraclegovcloud.uk");

  /** Bodies by host and path. */
  private final Map<String, Stub.Answer> answers = new ConcurrentHashMap<>();

  /** Whose signatures count. */
  private final Map<String, PublicKey> known = new ConcurrentHashMap<>();

  @TempDir private Path folder;

  OciDiscoveryTest() {
    known.put("ocid1.tenancy/ocid1.user/aa:bb", KEYS.getPublic());
  }

  @AfterEach
  void closeFront() throws IOException {
    front.close();
  }

  private String section(String more, String auth) {
    return """
    oci_sd_configs:
    - region: us-ashburn-1
      port: 9100
      proxy_url: %s
      no_proxy: 127.0.0.1
      tls_config: {ca_file: '%s'}
    %s%s
    """
        .formatted(front.url(), front.authority(), auth.indent(2), more.indent(2));
  }

  /** With the key of a user. */
  private String user(String more) {
    try {
      Path file = Files.writeString(folder.resolve("key.pem"), Tokens.pem(KEYS.getPrivate()));
      return section(
          more,
          """
          tenancy: ocid1.tenancy
          user: ocid1.user
          fingerprint: 'aa:bb'
          key_file: '%s'
          """
              .formatted(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected String section(String url) {
    return user("");
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Prometheus has it since 3.14";
  }

  /** Whether a request is signed with a key that counts, and the body is the signed one. */
  private boolean isSigned(Stub.Asked asked) {
    String header = asked.header("Authorization");
    PublicKey key = known.get(part(header, "keyId"));
    if (key == null) {
      return false;
    }
    StringBuilder text = new StringBuilder();
    for (String name : part(header, "headers").split(" ", -1)) {
      String value =
          name.equals("(request-target)")
              ? asked.method().toLowerCase(Locale.ROOT) + " " + asked.path()
              : asked.header(name);
      text.append(text.isEmpty() ? "" : "\n").append(name).append(": ").append(value);
    }
    byte[] signed = Base64.getDecoder().decode(part(header, "signature"));
    return Tokens.isSigned(text.toString(), signed, "SHA256withRSA", key);
  }

  private static String part(String header, String name) {
    return header.replaceAll("(?s).*\\b" + name + "=\"([^\"]*)\".*", "$1");
  }

  private Stub.Answer answer(Stub.Asked asked) {
    if (asked.path().startsWith("/opc/v2/")) {
      return asked.header("Authorization").equals("Bearer Oracle")
          ? answers.getOrDefault(asked.path(), Stub.Answer.status(404, "none"))
          : Stub.Answer.status(401, "who are you?");
    }
    if (!isSigned(asked)) {
      return Stub.Answer.status(401, "{\"code\": \"NotAuthenticated\"}");
    }
    return answers.getOrDefault(
        asked.header("Host") + asked.path(),
        Stub.Answer.status(404, "{\"code\": \"NotAuthorizedOrNotFound\"}"));
  }

  private static String compartments(String parent) {
    return IDENTITY
        + "/20160918/compartments?compartmentId="
        + parent
        + "&accessLevel=ACCESSIBLE&compartmentIdInSubtree=false&limit=100";
  }

  private static String instances(String compartment) {
    return IAAS + "/20160918/instances?compartmentId=" + compartment + "&limit=100";
  }

  private void json(String place, String body) {
    answers.put(place, Stub.Answer.json(body));
  }

  private static String instance(int i) {
    return """
    {"id": "ocid1.instance.%d", "displayName": "instance-%d", "shape": "VM.Standard.E4.Flex",
     "availabilityDomain": "US-ASHBURN-AD-1", "faultDomain": "FAULT-DOMAIN-1", "region": "us-ashburn-1",
     "imageId": "ocid1.image", "compartmentId": "ocid1.compartment", "lifecycleState": "RUNNING",
     "timeCreated": "2026-01-01T00:00:00Z",
     "freeformTags": {"app.owner": "me"},
     "definedTags": {"Operations": {"Cost Center": "42", "Number": 7, "Flag": true, "List": ["a"], "None": null}}}
    """
        .formatted(i, i);
  }

  /** An instance's attachments and cards; the second card is the primary. */
  private void cards(int i) {
    json(
        IAAS
            + "/20160918/vnicAttachments?compartmentId=ocid1.compartment&instanceId=ocid1.instance."
            + i
            + "&limit=100",
        """
        [{"vnicId": "ocid1.gone", "lifecycleState": "DETACHED"},
         {"vnicId": null, "lifecycleState": "ATTACHED"},
         {"vnicId": "ocid1.vnic.other.%d", "lifecycleState": "ATTACHED"},
         {"vnicId": "ocid1.vnic.%d", "lifecycleState": "ATTACHED"}]
        """
            .formatted(i, i));
    json(
        IAAS + "/20160918/vnics/ocid1.vnic.other." + i,
        "{\"id\": \"o\", \"isPrimary\": false, \"privateIp\": \"10.9.9.9\"}");
    json(
        IAAS + "/20160918/vnics/ocid1.vnic." + i,
        """
        {"id": "ocid1.vnic.%d", "isPrimary": true, "privateIp": "10.0.0.%d", "publicIp": "192.0.2.%d",
         "hostnameLabel": "host%d", "ipv6Addresses": ["2001:db8::2", "2001:db8::1"]}
        """
            .formatted(i, i, i, i));
  }

  @Override
  protected void serve(int targets) {
    json(
        compartments("ocid1.tenancy"),
        """
        [{"id": "ocid1.compartment", "lifecycleState": "ACTIVE"},
         {"id": "ocid1.deleted", "lifecycleState": "DELETED"}]
        """);
    json(
        compartments("ocid1.compartment"),
        "[{\"id\": \"ocid1.tenancy\", \"lifecycleState\": \"ACTIVE\"}]");
    json(instances("ocid1.tenancy"), "[]");
    json(
        instances("ocid1.compartment"),
        "["
            + IntStream.rangeClosed(1, targets)
                .mapToObj(OciDiscoveryTest::instance)
                .collect(Collectors.joining(","))
            + "]");
    for (int i = 1; i <= targets; i++) {
      cards(i);
    }
    stub.answer(this::answer);
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
  }

  private List<Labels> targets(String section, Map<String, String> environment) throws Exception {
    try (OciInstances source =
        new OciInstances((OciConfig) config(section), context, environment)) {
      List<TargetGroup> groups = source.refresh();
      assertThat(groups).extracting(TargetGroup::source).containsExactly("OCI");
      return groups.getFirst().targets();
    }
  }

  private List<Labels> targets() throws Exception {
    return targets(user(""), Map.of());
  }

  @Test
  void labels() throws Exception {
    serve(1);
    assertThat(targets())
        .containsExactly(
            Labels.of(
                "__address__", "10.0.0.1:9100",
                "__meta_oci_availability_domain", "US-ASHBURN-AD-1",
                "__meta_oci_compartment_id", "ocid1.compartment",
                "__meta_oci_defined_tag_Operations_Cost_Center", "42",
                "__meta_oci_defined_tag_Operations_Flag", "true",
                "__meta_oci_defined_tag_Operations_Number", "7",
                "__meta_oci_fault_domain", "FAULT-DOMAIN-1",
                "__meta_oci_hostname_label", "host1",
                "__meta_oci_image_id", "ocid1.image",
                "__meta_oci_instance_id", "ocid1.instance.1",
                "__meta_oci_instance_name", "instance-1",
                "__meta_oci_instance_shape", "VM.Standard.E4.Flex",
                "__meta_oci_instance_state", "RUNNING",
                "__meta_oci_ipv6_addresses", ",2001:db8::1,2001:db8::2,",
                "__meta_oci_private_ip", "10.0.0.1",
                "__meta_oci_public_ip", "192.0.2.1",
                "__meta_oci_region", "us-ashburn-1",
                "__meta_oci_tag_app_owner", "me",
                "__meta_oci_tenancy_id", "ocid1.tenancy",
                "__meta_oci_vnic_id", "ocid1.vnic.1"));
    assertThat(stub.asked().getFirst().header("Authorization"))
        .startsWith(
            "Signature version=\"1\",headers=\"date (request-target) host\","
                + "keyId=\"ocid1.tenancy/ocid1.user/aa:bb\",algorithm=\"rsa-sha256\",signature=\"");
    assertThat(stub.asked().getFirst().header("Date")).isEqualTo("Tue, 14 Nov 2023 22:13:20 GMT");
  }

  @Test
  void addresses() throws Exception {
    serve(3);
    json(
        IAAS + "/20160918/vnics/ocid1.vnic.1",
        "{\"id\": \"v\", \"isPrimary\": true, \"publicIp\": \"192.0.2.1\"}");
    json(IAAS + "/20160918/vnics/ocid1.vnic.2", "{\"id\": \"v\", \"isPrimary\": true}");
    answers.remove(IAAS + "/20160918/vnics/ocid1.vnic.3");
    assertThat(targets())
        .extracting(target -> target.getOrEmpty("__address__"))
        .containsExactly("192.0.2.1:9100");
  }

  @Test
  void configuredCompartments() throws Exception {
    serve(1);
    assertThat(targets(user("compartments: [ocid1.compartment]"), Map.of())).hasSize(1);
    assertThat(stub.asked()).noneMatch(asked -> asked.path().contains("/compartments"));
    assertThatThrownBy(() -> targets(user("compartments: [ocid1.secret]"), Map.of()))
        .hasMessageStartingWith("listing OCI instances in compartment ocid1.secret: ")
        .hasMessageContaining("NotAuthorizedOrNotFound");
  }

  @Test
  void compartmentsThatAreNotOursToSee() throws Exception {
    serve(1);
    answers.remove(compartments("ocid1.compartment"));
    assertThat(targets()).hasSize(1);
  }

  @Test
  void pages() throws Exception {
    serve(2);
    answers.put(
        instances("ocid1.compartment"),
        new Stub.Answer(
            200, "application/json", "[" + instance(1) + "]", Map.of("opc-next-page", "a b")));
    json(instances("ocid1.compartment") + "&page=a+b", "[" + instance(2) + "]");
    assertThat(targets()).hasSize(2);
    answers.put(
        instances("ocid1.compartment") + "&page=a+b",
        new Stub.Answer(200, "application/json", "[]", Map.of("opc-next-page", "a b")));
    assertThatThrownBy(this::targets).hasMessageContaining("go round in a circle");
  }

  @Test
  void anotherRealm() throws Exception {
    serve(0);
    json(
        "iaas.uk-gov-london-1.oraclegovcloud.uk/20160918/instances?compartmentId=c&limit=100",
        "[]");
    String section = user("compartments: [c]").replace("us-ashburn-1", "uk-gov-london-1");
    assertThat(targets(section, Map.of())).isEmpty();
    assertThat(stub.asked()).hasSize(1);
  }

  @Test
  void keyFileThatIsNone() {
    serve(0);
    String section = user("");
    assertThatThrownBy(() -> targets(section.replace("key.pem", "absent.pem"), Map.of()))
        .hasMessageContaining("reading OCI key file")
        .hasMessageContaining("no such file or directory");
  }

  /** As {@code keytool} makes it: an RSA key with a certificate that names the tenancy. */
  private KeyStore machine() throws Exception {
    Path store = folder.resolve("machine.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-alias",
                "machine",
                "-dname",
                "CN=ocid1.instance, OU=opc-instance:ocid1.instance, OU=opc-tenant:ocid1.tenancy",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit")
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    return KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
  }

  @Test
  void machineItself() throws Exception {
    serve(1);
    KeyStore store = machine();
    X509Certificate leaf = (X509Certificate) store.getCertificate("machine");
    PrivateKey key = (PrivateKey) store.getKey("machine", "changeit".toCharArray());
    byte[] sha1 = MessageDigest.getInstance("SHA-1").digest(leaf.getEncoded());
    String fingerprint = HexFormat.ofDelimiter(":").withUpperCase().formatHex(sha1);
    known.clear();
    known.put("ocid1.tenancy/fed-x509/" + fingerprint, leaf.getPublicKey());
    String pem = Tokens.pem("CERTIFICATE", leaf.getEncoded());
    json("/opc/v2/identity/cert.pem", pem);
    json("/opc/v2/identity/key.pem", Tokens.pem(key));
    json("/opc/v2/identity/intermediate.pem", pem);
    json(
        "/opc/v2/instance/regionInfo",
        """
        {"realmKey": "oc1", "realmDomainComponent": "oraclecloud.com", "regionKey": "IAD",
         "regionIdentifier": "us-ashburn-1"}
        """);
    // A token of one hour.
    String claims = "{\"exp\":" + (clock.millis() / 1000 + 3600) + "}";
    String token = "e30." + Base64.getUrlEncoder().encodeToString(claims.getBytes(UTF_8)) + ".x";
    json(AUTH + "/v1/x509", "{\"token\": \"" + token + "\"}");
    stub.answer(asked -> {
      Stub.Answer answer = answer(asked);
      if (asked.path().equals("/v1/x509") && answer.status() == 200) {
        known.put("ST$" + token, session(asked));
      }
      return answer;
    });
    Map<String, String> environment = Map.of("OCI_METADATA_BASE_URL", stub.url() + "/opc/v2");
    OciConfig config = (OciConfig) config(section("", "auth: instance_principal"));
    try (OciInstances source = new OciInstances(config, context, environment)) {
      assertThat(source.refresh().getFirst().targets()).hasSize(1);
      assertThat(tokens()).isEqualTo(1);
      Stub.Asked asked =
          stub.asked().stream().filter(a -> a.path().equals("/v1/x509")).findFirst().orElseThrow();
      assertThat(asked.header("Authorization"))
          .contains(
              "headers=\"date (request-target) host content-length content-type x-content-sha256\"");
      JsonValue body = JsonValue.parse(asked.body().getBytes(UTF_8));
      String own = Base64.getEncoder().encodeToString(leaf.getEncoded());
      assertThat(body.text("certificate")).isEqualTo(own);
      assertThat(body.get("intermediateCertificates").texts()).containsExactly(own);
      source.refresh();
      assertThat(tokens()).as("the token is kept").isEqualTo(1);
      clock.advance(Duration.ofMinutes(31));
      source.refresh();
      assertThat(tokens()).as("and renewed").isEqualTo(2);
    }
  }

  private long tokens() {
    return stub.asked().stream().filter(asked -> asked.path().equals("/v1/x509")).count();
  }

  /** The key that a request for a token shows. */
  private static PublicKey session(Stub.Asked asked) {
    try {
      String key = JsonValue.parse(asked.body().getBytes(UTF_8)).text("publicKey");
      return KeyFactory.getInstance("RSA")
          .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(key)));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void wrongAnswers() {
    serve(1);
    json(instances("ocid1.compartment"), "{}");
    assertThatThrownBy(this::targets)
        .hasMessageEndingWith("the JSON value is an object, expected an array");
    json(instances("ocid1.compartment"), "[{\"id\": \"\"}]");
    assertThatThrownBy(this::targets).hasMessageContaining("without its id or its compartment");
    answers.put(instances("ocid1.tenancy"), Stub.Answer.status(500, "x"));
    assertThatThrownBy(this::targets)
        .hasMessageStartingWith("listing OCI instances in compartment ocid1.tenancy: ")
        .hasMessageContaining("500");
    known.clear();
    assertThatThrownBy(this::targets).hasMessageContaining("NotAuthenticated");
  }
}
