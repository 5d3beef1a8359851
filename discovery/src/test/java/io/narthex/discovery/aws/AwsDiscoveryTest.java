package io.narthex.discovery.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One section for all services; what each answers is tested with the service. */
final class AwsDiscoveryTest extends StubAcceptance {

  @Override
  protected String section(String url) {
    return section("lightsail", url);
  }

  private static String section(String role, String url) {
    return "aws_sd_configs: [{role: %s, endpoint: '%s', %s, port: 9100}]"
        .formatted(role, url, AwsStub.ACCESS);
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Prometheus 3.5.3 does not have aws_sd_configs";
  }

  @Override
  protected void serve(int targets) {
    String instances =
        IntStream.rangeClosed(1, targets)
            .mapToObj(i -> "{\"privateIpAddress\": \"10.0.0." + i + "\"}")
            .collect(Collectors.joining(","));
    stub.answer(asked -> Stub.Answer.json("{\"instances\": [" + instances + "]}"));
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
  }

  @ParameterizedTest
  @CsvSource({
    "ec2, DescribeAvailabilityZones",
    "ecs, ListClusters",
    "elasticache, DescribeServerlessCaches",
    "lightsail, GetInstances",
    "msk, /api/v2/clusters",
    "rds, DescribeDBClusters"
  })
  void theRoleSaysWhoIsAsked(String role, String action) throws Exception {
    DiscoveryConfig config = config(section(role, stub.url()));
    assertThat(config.mechanism()).isEqualTo("aws");
    stub.answer(asked -> Stub.Answer.status(400, "nothing"));
    start(config.open(context));
    for (int i = 0; i < 1_000 && stub.asked().isEmpty(); i++) {
      Thread.sleep(10);
    }
    Stub.Asked asked = stub.asked().getFirst();
    assertThat(asked.method().equals("GET") ? asked.path() : AwsStub.action(asked))
        .startsWith(action);
  }

  @Test
  void countsUnderItsOwnName() throws Exception {
    serve(1);
    start(config(section(stub.url())).open(context));
    for (int i = 0; i < 1_000 && mechanisms().isEmpty(); i++) {
      Thread.sleep(10);
    }
    assertThat(mechanisms()).containsExactly("aws");
  }

  private List<String> mechanisms() {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals("prometheus_sd_refresh_failures"))
        .flatMap(metric -> metric.getDataPoints().stream())
        .map(point -> point.getLabels().get("mechanism"))
        .toList();
  }
}
