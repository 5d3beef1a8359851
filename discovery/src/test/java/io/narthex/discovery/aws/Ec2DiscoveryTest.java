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

/**
 * Answers: "Amazon EC2 API Reference", DescribeInstances, DescribeAvailabilityZones, and "Making
 * requests to the Amazon EC2 API" for refusals.
 */
final class Ec2DiscoveryTest extends StubAcceptance {

  private static final String ZONES =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <DescribeAvailabilityZonesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
        <requestId>1</requestId>
        <availabilityZoneInfo>
          <item><zoneName>eu-west-1a</zoneName><zoneId>euw1-az3</zoneId></item>
          <item><zoneName>eu-west-1b</zoneName><zoneId>euw1-az1</zoneId></item>
        </availabilityZoneInfo>
      </DescribeAvailabilityZonesResponse>
      """;

  private static final String FULL =
      """
      <instanceId>i-%1$d</instanceId>
      <imageId>ami-1</imageId>
      <instanceState><code>16</code><name>running</name></instanceState>
      <privateDnsName>ip-10-0-0-%1$d.eu-west-1.compute.internal</privateDnsName>
      <dnsName>ec2-203-0-113-%1$d.compute.amazonaws.com</dnsName>
      <reason/>
      <instanceType>t3.micro</instanceType>
      <placement><availabilityZone>eu-west-1a</availabilityZone><tenancy>default</tenancy></placement>
      <platform>windows</platform>
      <subnetId>subnet-1</subnetId>
      <vpcId>vpc-1</vpcId>
      <privateIpAddress>10.0.0.%1$d</privateIpAddress>
      <ipAddress>203.0.113.%1$d</ipAddress>
      <architecture>x86_64</architecture>
      <instanceLifecycle>spot</instanceLifecycle>
      <tagSet>
        <item><key>Name</key><value>web %1$d</value></item>
        <item><key>a-b/c</key><value>x &amp; y</value></item>
        <item><key>none</key><value/></item>
      </tagSet>
      <networkInterfaceSet>
        <item>
          <subnetId>subnet-1</subnetId>
          <attachment><deviceIndex>0</deviceIndex></attachment>
          <ipv6AddressesSet>
            <item><ipv6Address>2001:db8::a%1$d</ipv6Address><isPrimaryIpv6>false</isPrimaryIpv6></item>
          </ipv6AddressesSet>
        </item>
        <item>
          <subnetId>subnet-2</subnetId>
          <attachment><deviceIndex>2</deviceIndex></attachment>
          <ipv6AddressesSet>
            <item><ipv6Address>2001:db8::b%1$d</ipv6Address><isPrimaryIpv6>true</isPrimaryIpv6></item>
          </ipv6AddressesSet>
        </item>
        <item><subnetId>subnet-1</subnetId><ipv6AddressesSet/></item>
        <item><ipv6AddressesSet><item><ipv6Address>2001:db8::c</ipv6Address></item></ipv6AddressesSet></item>
      </networkInterfaceSet>
      """;

  private static String answer(String instances, String token) {
    return """
    <?xml version="1.0" encoding="UTF-8"?>
    <DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
      <requestId>1</requestId>
      <reservationSet>
        <item>
          <reservationId>r-1</reservationId>
          <ownerId>111122223333</ownerId>
          <instancesSet>%s</instancesSet>
        </item>
      </reservationSet>
      %s
    </DescribeInstancesResponse>
    """
        .formatted(instances, token.isEmpty() ? "" : "<nextToken>" + token + "</nextToken>");
  }

  private static String item(String instance) {
    return "<item>" + instance + "</item>";
  }

  @Override
  protected String section(String url) {
    return "ec2_sd_configs: [{endpoint: '%s', %s, port: 9100}]".formatted(url, AwsStub.ACCESS);
  }

  @Override
  protected void serve(int targets) {
    serve(
        IntStream.rangeClosed(1, targets)
            .mapToObj(i -> item(FULL.formatted(i)))
            .collect(Collectors.joining()));
  }

  private void serve(String instances) {
    stub.answer(asked ->
        Stub.Answer.xml(
            AwsStub.action(asked).equals("DescribeInstances") ? answer(instances, "") : ZONES));
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
  }

  @Override
  protected Set<String> newerLabels() {
    return Set.of("__meta_ec2_default_ipv6_address");
  }

  private List<Map<String, String>> refresh() throws Exception {
    return refresh(section(stub.url()));
  }

  private List<Map<String, String>> refresh(String section) throws Exception {
    return AwsStub.targets(((Ec2Config) config(section)).source(context));
  }

  @Test
  void everyLabel() throws Exception {
    serve(1);
    Map<String, String> labels = refresh().getFirst();
    Map<String, String> expected = new TreeMap<>();
    expected.put("__address__", "10.0.0.1:9100");
    expected.put("__meta_ec2_ami", "ami-1");
    expected.put("__meta_ec2_architecture", "x86_64");
    expected.put("__meta_ec2_availability_zone", "eu-west-1a");
    expected.put("__meta_ec2_availability_zone_id", "euw1-az3");
    expected.put("__meta_ec2_default_ipv6_address", "2001:db8::b1");
    expected.put("__meta_ec2_instance_id", "i-1");
    expected.put("__meta_ec2_instance_lifecycle", "spot");
    expected.put("__meta_ec2_instance_state", "running");
    expected.put("__meta_ec2_instance_type", "t3.micro");
    expected.put("__meta_ec2_ipv6_addresses", ",2001:db8::a1,2001:db8::b1,");
    expected.put("__meta_ec2_owner_id", "111122223333");
    expected.put("__meta_ec2_platform", "windows");
    expected.put("__meta_ec2_primary_ipv6_addresses", ",,,2001:db8::b1,");
    expected.put("__meta_ec2_primary_subnet_id", "subnet-1");
    expected.put("__meta_ec2_private_dns_name", "ip-10-0-0-1.eu-west-1.compute.internal");
    expected.put("__meta_ec2_private_ip", "10.0.0.1");
    expected.put("__meta_ec2_public_dns_name", "ec2-203-0-113-1.compute.amazonaws.com");
    expected.put("__meta_ec2_public_ip", "203.0.113.1");
    expected.put("__meta_ec2_region", "eu-west-1");
    expected.put("__meta_ec2_subnet_id", ",subnet-1,subnet-2,");
    expected.put("__meta_ec2_tag_Name", "web 1");
    expected.put("__meta_ec2_tag_a_b_c", "x & y");
    expected.put("__meta_ec2_vpc_id", "vpc-1");
    assertThat(labels).isEqualTo(expected);
    assertThat(AwsStub.names(labels, "__meta_ec2_", Set.of("__meta_ec2_tag_")))
        .isEqualTo(AwsStub.documented("__meta_ec2_"));
  }

  @Test
  void addresses() throws Exception {
    String placement = "<placement><availabilityZone>eu-west-1z</availabilityZone></placement>";
    String card =
        "<networkInterfaceSet><item><subnetId>s</subnetId><ipv6AddressesSet><item>"
            + "<ipv6Address>2001:db8::1</ipv6Address></item></ipv6AddressesSet></item>"
            + "</networkInterfaceSet>";
    serve(
        item("<instanceId>none</instanceId>" + placement)
            + item("<instanceId>out</instanceId>" + card)
            + item("<instanceId>v6</instanceId><vpcId>v</vpcId>" + placement + card)
            + item("<instanceId>bare</instanceId><privateIpAddress>10.1.1.1</privateIpAddress>")
            + item(
                "<instanceId>vpc</instanceId><privateIpAddress>10.1.1.2</privateIpAddress>"
                    + "<vpcId>v</vpcId><dnsName>public</dnsName>"));
    List<Map<String, String>> found = refresh();
    assertThat(found)
        .extracting(labels -> labels.get("__meta_ec2_instance_id") + labels.get("__address__"))
        .containsExactly("v6[2001:db8::1]:9100", "bare10.1.1.1:9100", "vpc10.1.1.2:9100");
    assertThat(found.getFirst())
        .containsEntry("__meta_ec2_availability_zone", "eu-west-1z")
        .doesNotContainKey("__meta_ec2_availability_zone_id");
    assertThat(found.getLast())
        .containsEntry("__meta_ec2_subnet_id", ",,")
        .doesNotContainKey("__meta_ec2_public_dns_name");
  }

  @Test
  void asksForPagesOfWhatTheFiltersLetThrough() throws Exception {
    stub.answer(asked -> {
      Map<String, String> form = AwsStub.form(asked);
      if (!AwsStub.action(asked).equals("DescribeInstances")) {
        return Stub.Answer.xml(ZONES);
      }
      boolean second = form.getOrDefault("NextToken", "").equals("a+/=");
      return Stub.Answer.xml(
          second ? answer(item(FULL.formatted(2)), "") : answer(item(FULL.formatted(1)), "a+/="));
    });
    String section =
        section(stub.url())
            .replace(
                "}]", ", filters: [{name: 'tag:a b', values: [c, '*']}, {name: d, values: [e]}]}]");
    assertThat(refresh(section)).hasSize(2);
    Stub.Asked asked = stub.asked().get(1);
    assertThat(asked.method() + " " + asked.path()).isEqualTo("POST /");
    assertThat(asked.header("Content-Type"))
        .isEqualTo("application/x-www-form-urlencoded; charset=utf-8");
    Map<String, String> form = new TreeMap<>();
    form.put("Action", "DescribeInstances");
    form.put("Version", "2016-11-15");
    form.put("Filter.1.Name", "tag:a b");
    form.put("Filter.1.Value.1", "c");
    form.put("Filter.1.Value.2", "*");
    form.put("Filter.2.Name", "d");
    form.put("Filter.2.Value.1", "e");
    assertThat(AwsStub.form(asked)).isEqualTo(form);
    form.put("NextToken", "a+/=");
    assertThat(AwsStub.form(stub.asked().get(2))).isEqualTo(form);
  }

  @Test
  void signs() throws Exception {
    serve(0);
    refresh();
    Stub.Asked asked = stub.asked().getFirst();
    assertThat(asked.header("Authorization"))
        .startsWith(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20231114/eu-west-1/ec2/aws4_request,"
                + " SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, Signature=");
    assertThat(asked.header("X-Amz-Date")).isEqualTo("20231114T221320Z");
    assertThat(asked.header("User-Agent")).isEqualTo("test");
  }

  @Test
  void whoMayNotAskForZonesDoesWithout() throws Exception {
    stub.answer(asked ->
        AwsStub.action(asked).equals("DescribeInstances")
            ? Stub.Answer.xml(answer(item(FULL.formatted(1)), ""))
            : new Stub.Answer(
                403,
                "text/xml",
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message>"
                    + "</Error></Errors><RequestID>1</RequestID></Response>",
                Map.of()));
    assertThat(refresh().getFirst()).doesNotContainKey("__meta_ec2_availability_zone_id");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 | <Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors></Response> | EC2 DescribeAvailabilityZones: 401 Unauthorized: AuthFailure: AWS was not able to validate the provided access credentials
          404 | gone             | EC2 DescribeAvailabilityZones: 404 Not Found: gone
          400 | <Response/>      | EC2 DescribeAvailabilityZones: 400 Bad Request: <Response/>
          400 | <Response>       | EC2 DescribeAvailabilityZones: 400 Bad Request: <Response>
          200 | {}               | EC2 DescribeAvailabilityZones: no valid XML
          200 | <html/>          | EC2 DescribeAvailabilityZones: the answer is an element <html>
          200 | <!DOCTYPE a [<!ENTITY b "c">]><DescribeAvailabilityZonesResponse>&b;</DescribeAvailabilityZonesResponse> | no valid XML
          """)
  void wrongAnswers(int status, String body, String message) {
    stub.answer(asked -> new Stub.Answer(status, "text/xml", body, Map.of()));
    assertThatThrownBy(this::refresh).isInstanceOf(IOException.class).hasMessageContaining(message);
  }

  @Test
  void pagesThatNeverEnd() {
    stub.answer(asked ->
        Stub.Answer.xml(
            AwsStub.action(asked).equals("DescribeInstances")
                ? answer(item(FULL.formatted(1)), "again")
                : ZONES));
    assertThatThrownBy(this::refresh)
        .hasMessage("the pages of the answer go round in a circle, back to again");
  }
}
