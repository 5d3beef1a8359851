package io.narthex.net.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.net.client.AzureAdConfig;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.SigV4Config;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.web.Served;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures and keys of AWS, tokens of Azure. */
@Timeout(60)
final class CloudTest {

  private static final SigV4.Keys KEYS =
      new SigV4.Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "");

  private final List<String> asked = new CopyOnWriteArrayList<>();

  private static SigV4Config config(String access, String secret, String profile, String role) {
    return new SigV4Config("eu-west-1", access, secret, profile, role, "", "", false);
  }

  /** From the test suite that AWS publishes for its signatures. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET  | /                             | 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
          POST | /                             | 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b
          GET  | /?Param2=value2&Param1=value1 | b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500
          """)
  void signsAsPublished(String method, String target, String signature) {
    Map<String, String> headers = new TreeMap<>();
    headers.put("host", "example.amazonaws.com");
    headers.put("x-amz-date", "20150830T123600Z");
    assertThat(
            SigV4.authorization(
                method,
                HttpUrl.of("https", "example.amazonaws.com", target),
                headers,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                KEYS,
                "us-east-1",
                "service",
                "20150830T123600Z"))
        .isEqualTo(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                + " SignedHeaders=host;x-amz-date, Signature="
                + signature);
  }

  @Test
  void signsABody() {
    Request request =
        SigV4.signed(
            Request.json(HttpUrl.parse("https://a.example/x"), "{}"),
            new SigV4.Keys("a", "b", "s"),
            "r",
            "aps",
            Instant.parse("2026-01-02T03:04:05Z").toEpochMilli());
    assertThat(request.headers())
        .contains(
            new Request.Header("X-Amz-Date", "20260102T030405Z"),
            new Request.Header("X-Amz-Security-Token", "s"),
            new Request.Header(
                "X-Amz-Content-Sha256",
                "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"));
    assertThat(request.headers().getLast().value())
        .startsWith("AWS4-HMAC-SHA256 Credential=a/20260102/r/aps/aws4_request, SignedHeaders=")
        .contains("content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token");
  }

  private SigV4.Keys keys(SigV4Config config, Map<String, String> environment) throws Exception {
    try (HttpClient client = new HttpClient(HttpClientConfig.DEFAULT, "test")) {
      AwsKeys keys = new AwsKeys(config, client, Clock.SYSTEM, environment);
      SigV4.Keys found = keys.get();
      assertThat(keys.get()).as("kept").isSameAs(found);
      return found;
    }
  }

  @Test
  void findsKeysWhereTheyMayBe(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("credentials"),
            """
            [default]
            aws_access_key_id = d
            aws_secret_access_key=e
            [work]
            aws_access_key_id = f
            aws_secret_access_key = g
            aws_session_token = h
            """);
    Map<String, String> environment =
        Map.of(
            "AWS_ACCESS_KEY_ID", "b",
            "AWS_SECRET_ACCESS_KEY", "c",
            "AWS_SHARED_CREDENTIALS_FILE", file.toString());
    assertThat(keys(config("a", "z", "", ""), environment)).isEqualTo(new SigV4.Keys("a", "z", ""));
    assertThat(keys(config("", "", "", ""), environment)).isEqualTo(new SigV4.Keys("b", "c", ""));
    assertThat(keys(config("", "", "work", ""), environment))
        .isEqualTo(new SigV4.Keys("f", "g", "h"));
    Map<String, String> onlyFile = Map.of("AWS_SHARED_CREDENTIALS_FILE", file.toString());
    assertThat(keys(config("", "", "", ""), onlyFile)).isEqualTo(new SigV4.Keys("d", "e", ""));
    assertThatThrownBy(() -> keys(config("", "", "other", ""), environment))
        .hasMessage("failed to get shared config profile, other");
  }

  @Test
  void findsTheRegionAndKeysInTheSettings(@TempDir Path folder) throws Exception {
    Path settings =
        Files.writeString(
            folder.resolve("config"),
            """
            [default]
            region = us-west-2
            [profile work]
            region = ap-south-1
            aws_access_key_id = k
            aws_secret_access_key = l
            """);
    Map<String, String> environment =
        Map.of(
            "AWS_CONFIG_FILE", settings.toString(),
            "AWS_SHARED_CREDENTIALS_FILE", folder.resolve("none").toString());
    assertThat(keys(config("", "", "work", ""), environment))
        .isEqualTo(new SigV4.Keys("k", "l", ""));
    SigV4Config any = new SigV4Config("", "", "", "", "", "", "", false);
    SigV4Config work = new SigV4Config("", "", "", "work", "", "", "", false);
    try (HttpClient client = new HttpClient(HttpClientConfig.DEFAULT, "test")) {
      assertThat(new AwsKeys(any, client, Clock.SYSTEM, environment).findRegion())
          .isEqualTo("us-west-2");
      assertThat(new AwsKeys(work, client, Clock.SYSTEM, environment).findRegion())
          .isEqualTo("ap-south-1");
      Map<String, String> named = new TreeMap<>(environment);
      named.put("AWS_REGION", "eu-north-1");
      assertThat(new AwsKeys(work, client, Clock.SYSTEM, named).findRegion())
          .isEqualTo("eu-north-1");
    }
  }

  @Test
  void assumesARoleWithTheKeysOfTheMachine() throws Exception {
    HttpHandler aws =
        (request, response) -> {
          asked.add(request.method() + " " + request.path());
          switch (request.path()) {
            case "/latest/api/token" -> response.sendText("session");
            case "/latest/meta-data/iam/security-credentials/" -> response.sendText("role\n");
            case "/latest/meta-data/iam/security-credentials/role" ->
                response.sendText(
                    "session".equals(request.header("X-aws-ec2-metadata-token"))
                        ? "{\"AccessKeyId\":\"m\",\"SecretAccessKey\":\"n\",\"Token\":\"o\",\"Expiration\":\"2999-01-01T00:00:00Z\"}"
                        : "{}");
            default -> {
              asked.add(
                  request.form().first("RoleArn")
                      + " "
                      + String.valueOf(request.header("Authorization")).contains("Credential=m/"));
              response.sendText(
                  "<R><Credentials><AccessKeyId>p</AccessKeyId><SecretAccessKey>q</SecretAccessKey>"
                      + "<SessionToken>r</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>"
                      + "</Credentials></R>");
            }
          }
        };
    try (Served server = Served.by(aws)) {
      String base = "http://127.0.0.1:" + server.port();
      Map<String, String> environment =
          Map.of("AWS_EC2_METADATA_SERVICE_ENDPOINT", base, "AWS_ENDPOINT_URL_STS", base + "/sts");
      assertThat(keys(config("", "", "", "arn:x"), environment))
          .isEqualTo(new SigV4.Keys("p", "q", "r"));
      assertThat(asked).hasSize(5).startsWith("PUT /latest/api/token").endsWith("arn:x true");
    }
  }

  private static final String UUID = "00000000-0000-0000-0000-000000000001";

  private static AzureAdConfig azure(String yaml) {
    return Yaml.decode(yaml, AzureAdConfig::decode);
  }

  @Test
  void fetchesTokensOfAzure(@TempDir Path folder) throws Exception {
    HttpHandler login =
        (request, response) -> {
          asked.add(
              request.path()
                  + " "
                  + request.form().first("client_secret")
                  + " "
                  + request.form().first("client_assertion")
                  + " "
                  + request.form().first("resource")
                  + " "
                  + request.form().first("scope"));
          response.send(
              "application/json",
              "{\"access_token\":\"t\",\"expires_in\":\"3600\"}".getBytes(StandardCharsets.UTF_8));
        };
    Path token = Files.writeString(folder.resolve("token"), "jwt\n");
    try (Served server = Served.by(login);
        HttpClient client = new HttpClient(HttpClientConfig.DEFAULT, "test")) {
      String base = "http://127.0.0.1:" + server.port() + "/";
      Map<String, String> environment =
          Map.of(
              "AZURE_AUTHORITY_HOST",
              base,
              "AZURE_POD_IDENTITY_AUTHORITY_HOST",
              "http://127.0.0.1:" + server.port());
      for (String yaml :
          List.of(
              "{oauth: {client_id: %s, client_secret: s, tenant_id: te}}".formatted(UUID),
              "{workload_identity: {client_id: %s, tenant_id: te, token_file_path: %s}}"
                  .formatted(UUID, token),
              "{sdk: {}, cloud: AzureChina}")) {
        AzureTokens tokens = new AzureTokens(azure(yaml), client, Clock.SYSTEM, environment);
        assertThat(tokens.header()).isEqualTo("Bearer t");
        assertThat(tokens.header()).isEqualTo("Bearer t");
      }
      assertThat(asked)
          .containsExactly(
              "/te/oauth2/v2.0/token s   https://monitor.azure.com//.default",
              "/te/oauth2/v2.0/token  jwt  https://monitor.azure.com//.default",
              "/metadata/identity/oauth2/token   https://monitor.azure.cn/ ");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                                  | must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth or Azure SDK in the Azure AD config
          {sdk: {}, managed_identity: {}}                                     | cannot provide multiple authentication methods in the Azure AD config
          {sdk: {}, cloud: x}                                                 | must provide a cloud in the Azure AD config
          {managed_identity: {client_id: x}}                                  | the provided Azure Managed Identity client_id is invalid
          {workload_identity: {tenant_id: x}}                                 | must provide an Azure Workload Identity client_id in the Azure AD config
          {oauth: {client_id: 00000000-0000-0000-0000-000000000001}}          | must provide an Azure OAuth client_secret in the Azure AD config
          {sdk: {tenant_id: 'a b'}}                                           | the provided Azure OAuth tenant_id is invalid
          {sdk: {}, scope: 'a b'}                                             | the provided scope contains invalid characters
          """)
  void checksAzure(String yaml, String message) {
    assertThatThrownBy(() -> azure(yaml)).hasMessageStartingWith(message);
  }

  @Test
  void readsAndShowsSigV4() {
    SigV4Config config =
        Yaml.decode("{region: r, access_key: a, secret_key: b, role_arn: c}", SigV4Config::decode);
    assertThat(config).isEqualTo(new SigV4Config("r", "a", "b", "", "c", "", "", false));
    assertThat(YamlWriter.print(config::write))
        .isEqualTo("region: r\naccess_key: a\nsecret_key: <secret>\nrole_arn: c\n");
    assertThatThrownBy(() -> Yaml.decode("{access_key: a}", SigV4Config::decode))
        .hasMessageContaining("must provide a AWS SigV4 Access key and Secret Key");
  }
}
