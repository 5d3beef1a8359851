package io.narthex.discovery.eureka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answers have the form of Eureka's wiki, "Eureka REST operations", and of its schema. */
final class EurekaDiscoveryTest extends StubAcceptance {

  @Override
  protected String section(String url) {
    return "eureka_sd_configs: [{server: '" + url + "/eureka'}]";
  }

  /** All that Prometheus may read in another way: escapes, elements in metadata, no port. */
  @Override
  protected void serve(int targets) {
    String instances =
        IntStream.rangeClosed(1, targets)
            .mapToObj(i ->
                """
                <instance>
                  <instanceId>i%1$d</instanceId>
                  <hostName>host%1$d</hostName>
                  <port enabled="true"> %1$d </port>
                  <securePort enabled="false">7002</securePort>
                  <countryId>1</countryId>
                  <homePageUrl>http://host%1$d/?a=1&amp;b=2</homePageUrl>
                  <dataCenterInfo class="com.netflix.appinfo.AmazonInfo">
                    <name>Amazon</name>
                    <metadata><local-ipv4>10.0.0.%1$d</local-ipv4></metadata>
                  </dataCenterInfo>
                  <metadata class="java.util.Collections$EmptyMap">
                    <management.port>8090</management.port>
                    <note>a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos;</note>
                    <deep><x y="1">z</x> t</deep>
                    <void></void>
                  </metadata>
                </instance>
                """
                    .formatted(i))
            .collect(Collectors.joining());
    stub.answer(asked ->
        Stub.Answer.xml(
            "<applications><versions__delta>1</versions__delta><application><name>APP</name>"
                + instances
                + "</application></applications>"));
  }

  @Override
  protected String address(int number) {
    return "host" + number + ":" + number;
  }

  private List<TargetGroup> refresh(String section) throws Exception {
    try (Applications applications = new Applications((EurekaConfig) config(section), context)) {
      return applications.refresh();
    }
  }

  @Test
  void everyLabel() throws Exception {
    stub.answer(asked ->
        Stub.Answer.xml(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <applications>
              <apps__hashcode>UP_2_</apps__hashcode>
              <application>
                <name>META-SERVICE</name>
                <instance>
                  <instanceId>meta-service002.test.com:meta-service:8080</instanceId>
                  <hostName>meta-service002.test.com</hostName>
                  <app>META-SERVICE</app>
                  <ipAddr>192.133.87.237</ipAddr>
                  <status>UP</status>
                  <overriddenstatus>UNKNOWN</overriddenstatus>
                  <port enabled="true">8080</port>
                  <securePort enabled="false">443</securePort>
                  <countryId>1</countryId>
                  <dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo">
                    <name>MyOwn</name>
                    <metadata><ami-id>ami-1</ami-id></metadata>
                  </dataCenterInfo>
                  <leaseInfo><durationInSecs>90</durationInSecs></leaseInfo>
                  <metadata>
                    <project>meta &amp; service</project>
                    <management.port>8090</management.port>
                    <!-- nothing --><raw><![CDATA[<x>]]></raw>
                  </metadata>
                  <homePageUrl>http://meta-service002.test.com:8080/</homePageUrl>
                  <statusPageUrl>http://meta-service002.test.com:8080/info</statusPageUrl>
                  <healthCheckUrl>http://meta-service002.test.com:8080/health</healthCheckUrl>
                  <vipAddress>meta-service</vipAddress>
                  <secureVipAddress>meta-service-tls</secureVipAddress>
                  <actionType>ADDED</actionType>
                </instance>
                <instance><hostName>bare</hostName></instance>
              </application>
            </applications>
            """));
    String prefix = "__meta_eureka_app_instance_";
    assertThat(refresh(section(stub.url())))
        .containsExactly(
            new TargetGroup(
                "eureka",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        Map.ofEntries(
                            Map.entry("__address__", "meta-service002.test.com:8080"),
                            Map.entry("instance", "meta-service002.test.com:meta-service:8080"),
                            Map.entry("__meta_eureka_app_name", "META-SERVICE"),
                            Map.entry(prefix + "hostname", "meta-service002.test.com"),
                            Map.entry(
                                prefix + "homepage_url", "http://meta-service002.test.com:8080/"),
                            Map.entry(
                                prefix + "statuspage_url",
                                "http://meta-service002.test.com:8080/info"),
                            Map.entry(
                                prefix + "healthcheck_url",
                                "http://meta-service002.test.com:8080/health"),
                            Map.entry(prefix + "ip_addr", "192.133.87.237"),
                            Map.entry(prefix + "vip_address", "meta-service"),
                            Map.entry(prefix + "secure_vip_address", "meta-service-tls"),
                            Map.entry(prefix + "status", "UP"),
                            Map.entry(prefix + "port", "8080"),
                            Map.entry(prefix + "port_enabled", "true"),
                            Map.entry(prefix + "secure_port", "443"),
                            Map.entry(prefix + "secure_port_enabled", "false"),
                            Map.entry(prefix + "datacenterinfo_name", "MyOwn"),
                            Map.entry(prefix + "datacenterinfo_metadata_ami_id", "ami-1"),
                            Map.entry(prefix + "country_id", "1"),
                            Map.entry(prefix + "id", "meta-service002.test.com:meta-service:8080"),
                            Map.entry(prefix + "metadata_project", "meta &amp; service"),
                            Map.entry(prefix + "metadata_management_port", "8090"),
                            Map.entry(prefix + "metadata_raw", "&lt;x&gt;"))),
                    Labels.of(
                        "__address__",
                        "bare:80",
                        "__meta_eureka_app_name",
                        "META-SERVICE",
                        prefix + "hostname",
                        "bare",
                        prefix + "country_id",
                        "0"))));
  }

  @Test
  void asksForApps() throws Exception {
    serve(0);
    assertThat(
            refresh(
                    "eureka_sd_configs: [{server: '"
                        + stub.url().replace("//", "//u:p@")
                        + "/eureka'}]")
                .getFirst()
                .targets())
        .isEmpty();
    Stub.Asked asked = stub.asked().getFirst();
    assertThat(asked.path()).isEqualTo("/eureka/apps");
    assertThat(asked.header("Accept")).isEqualTo("application/xml");
    assertThat(asked.header("Authorization")).isEqualTo("Basic dTpw");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          404 | none  | non 2xx status '404' response during eureka service discovery
          200 | {}    | /eureka/apps": no valid XML: ParseError at [row,col]:[1,1]
          200 | <a><application> | no valid XML
          200 | <!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a><application><name>&e;</name></application></a> | no valid XML
          200 | <a><application><instance><port>x</port></instance></application></a> | port is "x", expected a whole number
          200 | <a><application><instance><countryId>x</countryId></instance></application></a> | countryId is "x", expected a whole number
          200 | <a><application><instance><port enabled="yes">1</port></instance></application></a> | attribute enabled of port is "yes", expected true or false
          """)
  void wrongAnswers(int status, String body, String message) {
    stub.answer(asked -> new Stub.Answer(status, "application/xml", body, Map.of()));
    assertThatThrownBy(() -> refresh(section(stub.url()))).hasMessageContaining(message);
  }

  @Test
  void depthIsLimited() {
    stub.answer(asked -> Stub.Answer.xml("<a>".repeat(10_000) + "</a>".repeat(10_000)));
    assertThatThrownBy(() -> refresh(section(stub.url())))
        .hasMessageContaining("elements are nested too deeply");
  }
}
