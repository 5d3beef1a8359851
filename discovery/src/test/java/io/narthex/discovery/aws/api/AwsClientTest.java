package io.narthex.discovery.aws.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.DiscoveryMetrics;
import io.narthex.discovery.Stub;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.SigV4Config;
import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where, as whom and how often services are asked. */
@Timeout(60)
final class AwsClientTest {

  private static final SigV4Config NOTHING = new SigV4Config("", "", "", "", "", "", "", false);
  private static final SigV4Config KEYS =
      new SigV4Config("eu-west-1", "a", "b", "", "", "", "", false);

  private final Stub stub = new Stub();
  private final FakeClock clock = new FakeClock(1_700_000_000_000L);

  @AfterEach
  void close() {
    stub.close();
  }

  private AwsClient client(
      String endpoint, SigV4Config config, Clock time, Map<String, String> environment)
      throws IOException {
    DiscoveryMetrics metrics = new DiscoveryMetrics(new PrometheusRegistry(), "scrape");
    return new AwsClient(
        AwsService.ECS,
        endpoint,
        config,
        HttpClientConfig.DEFAULT,
        2,
        new DiscoveryContext(time, metrics, "test"),
        environment);
  }

  @ParameterizedTest
  @CsvSource({
    "EC2, eu-west-1, https://ec2.eu-west-1.amazonaws.com/",
    "RDS, cn-north-1, https://rds.cn-north-1.amazonaws.com.cn/",
    "KAFKA, us-gov-west-1, https://kafka.us-gov-west-1.amazonaws.com/",
    "ELASTICACHE, us-iso-east-1, https://elasticache.us-iso-east-1.c2s.ic.gov/",
    "LIGHTSAIL, us-isob-east-1, https://lightsail.us-isob-east-1.sc2s.sgov.gov/",
    "EC2, eusc-de-east-1, https://ec2.eusc-de-east-1.amazonaws.eu/"
  })
  void addressesInRegions(AwsService service, String region, String address) throws Exception {
    SigV4Config config = new SigV4Config(region, "a", "b", "", "", "", "", false);
    try (AwsClient client = client("http://own", config, clock, Map.of())) {
      assertThat(client.base(service).text()).isEqualTo(address);
    }
  }

  @Test
  void addressesThatAreNamed() throws Exception {
    Map<String, String> environment =
        Map.of("AWS_ENDPOINT_URL_EC2", "http://ec2/base", "AWS_ENDPOINT_URL", "http://all");
    try (AwsClient client = client("own:8443/x/", KEYS, clock, environment)) {
      assertThat(client.base(AwsService.ECS).text()).isEqualTo("https://own:8443/x/");
      assertThat(client.base(AwsService.EC2).text()).isEqualTo("http://ec2/base/");
      assertThat(client.base(AwsService.RDS).text()).isEqualTo("http://all/");
    }
    try (AwsClient client = client("ftp://own", KEYS, clock, Map.of())) {
      assertThatThrownBy(() -> client.base(AwsService.ECS))
          .isInstanceOf(IOException.class)
          .hasMessage("the address of ECS: unsupported protocol scheme \"ftp\"");
    }
  }

  private JsonResult call(AwsClient client) throws IOException, InterruptedException {
    return new JsonResult(client.call(AwsService.ECS, "Do", new JsonBody().bytes()).text("answer"));
  }

  private record JsonResult(String answer) {}

  @Test
  void theRegionAndTheKeysOfTheMachine() throws Exception {
    stub.answer(asked ->
        switch (asked.path()) {
          case "/latest/api/token" -> Stub.Answer.status(200, "session");
          case "/latest/meta-data/placement/region" ->
              Stub.Answer.status(
                  asked.header("X-aws-ec2-metadata-token").equals("session") ? 200 : 401,
                  "sa-east-1");
          case "/latest/meta-data/iam/security-credentials/" -> Stub.Answer.status(200, "role");
          case "/latest/meta-data/iam/security-credentials/role" ->
              Stub.Answer.json(
                  """
                  {"AccessKeyId": "m", "SecretAccessKey": "n", "Token": "o",
                   "Expiration": "2999-01-01T00:00:00Z"}
                  """);
          default -> Stub.Answer.json("{\"answer\": \"yes\"}");
        });
    Map<String, String> environment =
        Map.of("AWS_EC2_METADATA_SERVICE_ENDPOINT", stub.url(), "AWS_ENDPOINT_URL", stub.url());
    try (AwsClient client = client("", NOTHING, clock, environment)) {
      assertThat(client.region()).isEqualTo("sa-east-1");
      assertThat(call(client).answer).isEqualTo("yes");
      assertThat(client.region()).isEqualTo("sa-east-1");
    }
    assertThat(stub.asked()).as("each once").hasSize(6);
    Stub.Asked asked = stub.asked().getLast();
    assertThat(asked.header("Authorization"))
        .startsWith("AWS4-HMAC-SHA256 Credential=m/20231114/sa-east-1/ecs/aws4_request");
    assertThat(asked.header("X-Amz-Security-Token")).isEqualTo("o");
  }

  @Test
  void noRegion() throws Exception {
    Map<String, String> environment = Map.of("AWS_EC2_METADATA_DISABLED", "true");
    try (AwsClient client = client("", NOTHING, clock, environment)) {
      assertThatThrownBy(client::region)
          .hasMessage(
              "could not determine AWS region: the metadata service of AWS is not to be asked");
    }
  }

  @Test
  void assumesARole() throws Exception {
    List<String> forms = new ArrayList<>();
    stub.answer(asked -> {
      if (!asked.path().equals("/sts")) {
        return Stub.Answer.json("{\"answer\": \"yes\"}");
      }
      forms.add(asked.body());
      return Stub.Answer.xml(
          """
          <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>p</AccessKeyId>
          <SecretAccessKey>q</SecretAccessKey><SessionToken>r</SessionToken>
          <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>
          </AssumeRoleResponse>
          """);
    });
    SigV4Config config =
        new SigV4Config("eu-west-1", "a", "b", "", "arn:role/x", "outside", "", false);
    Map<String, String> environment = Map.of("AWS_ENDPOINT_URL_STS", stub.url() + "/sts");
    try (AwsClient client = client(stub.url(), config, clock, environment)) {
      call(client);
      call(client);
    }
    assertThat(forms)
        .containsExactly(
            "Action=AssumeRole&ExternalId=outside&RoleArn=arn%3Arole%2Fx&RoleSessionName=narthex"
                + "&Version=2011-06-15");
    assertThat(stub.asked().getFirst().header("Authorization")).contains("Credential=a/");
    assertThat(stub.asked().getLast().header("Authorization")).contains("Credential=p/");
  }

  /** Lets time pass until a question is answered, or not. */
  private void passing(AwsClient client, AtomicReference<Object> result) throws Exception {
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                result.set(call(client).answer);
              } catch (IOException | InterruptedException e) {
                result.set(e);
              }
            });
    while (!thread.join(Duration.ofMillis(5))) {
      clock.advance(Duration.ofMillis(100));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          500 | nothing
          503 | {"__type": "ServiceUnavailable"}
          400 | {"__type": "ThrottlingException", "message": "Rate exceeded"}
          429 | {}
          """)
  void asksABusyServiceAgain(int status, String body) throws Exception {
    AtomicInteger times = new AtomicInteger();
    stub.answer(asked ->
        times.incrementAndGet() < 3
            ? Stub.Answer.status(status, body)
            : Stub.Answer.json("{\"answer\": \"yes\"}"));
    AtomicReference<Object> result = new AtomicReference<>();
    try (AwsClient client = client(stub.url(), KEYS, clock, Map.of())) {
      passing(client, result);
      assertThat(result.get()).isEqualTo("yes");
      times.set(-100);
      passing(client, result);
      assertThat(result.get()).isInstanceOf(AwsFailure.class);
      assertThat(stub.asked()).as("three and three").hasSize(6);
    }
  }

  @Test
  void asksForKeysAnewWhenTheyWereRefused() throws Exception {
    AtomicInteger machine = new AtomicInteger();
    stub.answer(asked ->
        switch (asked.path()) {
          case "/keys" -> {
            int n = machine.incrementAndGet();
            yield Stub.Answer.json(
                "{\"AccessKeyId\": \"k%d\", \"SecretAccessKey\": \"s\"}".formatted(n));
          }
          default ->
              asked.header("Authorization").contains("Credential=k1/")
                  ? Stub.Answer.status(400, "{\"__type\": \"ExpiredTokenException\"}")
                  : Stub.Answer.json("{\"answer\": \"yes\"}");
        });
    Map<String, String> environment =
        Map.of("AWS_REGION", "r", "AWS_CONTAINER_CREDENTIALS_FULL_URI", stub.url() + "/keys");
    try (AwsClient client = client(stub.url(), NOTHING, clock, environment)) {
      assertThatThrownBy(() -> call(client))
          .hasMessage("ECS Do: 400 Bad Request: ExpiredTokenException");
      assertThat(call(client).answer).isEqualTo("yes");
      assertThat(call(client).answer).isEqualTo("yes");
    }
    assertThat(machine).hasValue(2);
  }

  @Test
  void aFailureEndsTheOtherQuestions() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    assertThatThrownBy(() ->
            Parallel.map(
                List.of("waits", "fails"),
                item -> {
                  if (item.equals("fails")) {
                    waiting.await();
                    throw new IOException("no");
                  }
                  waiting.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } finally {
                    ended.countDown();
                  }
                  return item;
                }))
        .isInstanceOf(IOException.class)
        .hasMessage("no");
    assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void answersComeInTheOrderOfTheQuestions() throws Exception {
    assertThat(Parallel.map(List.of(3, 1, 2), number -> number * 2)).containsExactly(6, 2, 4);
    assertThat(Parallel.batches(List.of(1, 2, 3), 2)).containsExactly(List.of(1, 2), List.of(3));
  }

  @Test
  void anInterruptEndsPages() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> TokenPages.all(token -> token + "x"))
        .isInstanceOf(InterruptedException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>&none;</a>",
        "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>",
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x'><a/>"
      })
  void xmlThatIsRefused(String document) {
    assertThatThrownBy(() -> Xml.parse(document.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("no valid XML: ");
  }

  @Test
  void xmlThatIsTooDeep() {
    assertThatThrownBy(() -> Xml.parse("<a>".repeat(200).getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessage("no valid XML: more than 100 elements deep");
  }

  @Test
  void xmlAsATree() throws Exception {
    Xml root =
        Xml.parse(
            "<?xml version='1.0'?><n:a xmlns:n='u'> <b>1<!-- - -->&lt;<![CDATA[&]]></b><b>2</b><c><d/></c></n:a>"
                .getBytes(StandardCharsets.UTF_8));
    assertThat(root.name()).isEqualTo("a");
    assertThat(root.text("b")).isEqualTo("1<&");
    assertThat(root.items("c")).hasSize(1);
    assertThat(root.has("c/d")).isTrue();
    assertThat(root.has("d")).isFalse();
    assertThat(root.text("c") + root.text("c/d") + root.text("x/y")).isEmpty();
    assertThat(root.texts("none")).isEmpty();
  }
}
