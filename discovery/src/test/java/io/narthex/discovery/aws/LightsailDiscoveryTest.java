package io.narthex.discovery.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers: "Amazon Lightsail API Reference", GetInstances and its errors. */
final class LightsailDiscoveryTest extends StubAcceptance {

  private static final String FULL =
      """
      {"name": "web-%1$d", "arn": "arn:aws:lightsail:eu-west-1:111122223333:Instance/1",
       "supportCode": "621291663362/i-%1$d", "createdAt": 1559944370.147,
       "location": {"availabilityZone": "eu-west-1a", "regionName": "eu-west-1"},
       "resourceType": "Instance",
       "tags": [{"key": "team name", "value": "a"}, {"key": "only"}],
       "blueprintId": "wordpress_5_1_1_2", "bundleId": "nano_2_0",
       "privateIpAddress": "172.26.0.%1$d", "publicIpAddress": "203.0.113.%1$d",
       "ipv6Addresses": ["2001:db8::%1$d", "2001:db8::a"],
       "state": {"code": 16, "name": "running"}, "username": "bitnami"}
      """;

  @Override
  protected String section(String url) {
    return "lightsail_sd_configs: [{endpoint: '%s', %s, port: 9100}]"
        .formatted(url, AwsStub.ACCESS);
  }

  @Override
  protected void serve(int targets) {
    String instances =
        IntStream.rangeClosed(1, targets)
            .mapToObj(FULL::formatted)
            .collect(Collectors.joining(","));
    stub.answer(asked -> Stub.Answer.json("{\"instances\": [" + instances + "]}"));
  }

  @Override
  protected String address(int number) {
    return "172.26.0." + number + ":9100";
  }

  private List<Map<String, String>> refresh() throws Exception {
    return AwsStub.targets(((LightsailConfig) config(section(stub.url()))).source(context));
  }

  @Test
  void everyLabel() throws Exception {
    serve(1);
    Map<String, String> labels = refresh().getFirst();
    Map<String, String> expected = new TreeMap<>();
    expected.put("__address__", "172.26.0.1:9100");
    expected.put("__meta_lightsail_availability_zone", "eu-west-1a");
    expected.put("__meta_lightsail_blueprint_id", "wordpress_5_1_1_2");
    expected.put("__meta_lightsail_bundle_id", "nano_2_0");
    expected.put("__meta_lightsail_instance_name", "web-1");
    expected.put("__meta_lightsail_instance_state", "running");
    expected.put("__meta_lightsail_instance_support_code", "621291663362/i-1");
    expected.put("__meta_lightsail_ipv6_addresses", ",2001:db8::1,2001:db8::a,");
    expected.put("__meta_lightsail_private_ip", "172.26.0.1");
    expected.put("__meta_lightsail_public_ip", "203.0.113.1");
    expected.put("__meta_lightsail_region", "eu-west-1");
    expected.put("__meta_lightsail_tag_team_name", "a");
    assertThat(labels).isEqualTo(expected);
    assertThat(AwsStub.names(labels, "__meta_lightsail_", Set.of("__meta_lightsail_tag_")))
        .isEqualTo(AwsStub.documented("__meta_lightsail_"));
  }

  @Test
  void asksForPages() throws Exception {
    stub.answer(asked ->
        Stub.Answer.json(
            asked.body().equals("{\"pageToken\":\"a\\\"b\"}")
                ? "{\"instances\": [%s, {\"name\": \"without address\"}]}"
                    .formatted(FULL.formatted(2))
                : "{\"instances\": [%s], \"nextPageToken\": \"a\\\"b\"}"
                    .formatted(FULL.formatted(1))));
    assertThat(refresh()).hasSize(2);
    assertThat(stub.asked()).hasSize(2);
    Stub.Asked asked = stub.asked().getFirst();
    assertThat(asked.method() + " " + asked.path() + " " + asked.body()).isEqualTo("POST / {}");
    assertThat(asked.header("Content-Type")).isEqualTo("application/x-amz-json-1.1");
    assertThat(asked.header("X-Amz-Target")).isEqualTo("Lightsail_20161128.GetInstances");
    assertThat(asked.header("Authorization"))
        .contains("/eu-west-1/lightsail/aws4_request")
        .contains("x-amz-target");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          400 | {"__type": "com.amazonaws.lightsail#UnauthenticatedException", "message": "no"} | LIGHTSAIL GetInstances: 400 Bad Request: UnauthenticatedException: no
          400 | {"__type": "AccessDeniedException", "Message": "no"} | LIGHTSAIL GetInstances: 400 Bad Request: AccessDeniedException: no
          200 | [] | LIGHTSAIL GetInstances: the answer is no JSON object
          200 | {  | LIGHTSAIL GetInstances: no valid JSON
          200 | {"instances": {}} | instances is an object, expected an array
          """)
  void wrongAnswers(int status, String body, String message) {
    stub.answer(asked -> new Stub.Answer(status, "application/x-amz-json-1.1", body, Map.of()));
    assertThatThrownBy(this::refresh).isInstanceOf(IOException.class).hasMessageContaining(message);
  }
}
