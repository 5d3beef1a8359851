package io.narthex.discovery.uyuni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The methods and their answers: Uyuni's API documentation, {@code auth.login}, {@code
 * system.listSystemGroupsForSystemsWithEntitlement}, {@code system.getNetworkForSystems} and {@code
 * system.monitoring.listEndpoints}; their form: the specification of XML-RPC.
 */
final class UyuniDiscoveryTest extends StubAcceptance {

  private static final String TOKEN = "31x8345ab";

  @Override
  protected String section(String url) {
    return "uyuni_sd_configs: [{server: '" + url + "', username: admin, password: 'a<b'}]";
  }

  @Override
  protected void serve(int targets) {
    String systems = array(targets, UyuniDiscoveryTest::system);
    String networks = array(targets, UyuniDiscoveryTest::network);
    String endpoints = array(targets, UyuniDiscoveryTest::endpoint);
    stub.answer(asked ->
        switch (method(asked)) {
          case "auth.login" -> answer("<string>" + TOKEN + "</string>");
          case "system.listSystemGroupsForSystemsWithEntitlement" -> answer(systems);
          case "system.getNetworkForSystems" -> answer(networks);
          case "system.monitoring.listEndpoints" -> answer(endpoints);
          default -> Stub.Answer.status(404, method(asked));
        });
  }

  private static String array(int size, IntFunction<String> item) {
    return IntStream.rangeClosed(1, size)
        .mapToObj(i -> "<value>" + item.apply(i) + "</value>\n")
        .collect(Collectors.joining("", "<array><data>\n", "</data></array>"));
  }

  private static String struct(String... members) {
    StringBuilder text = new StringBuilder("<struct>\n");
    for (int i = 0; i < members.length; i += 2) {
      text.append("<member><name>").append(members[i]).append("</name><value>");
      text.append(members[i + 1]).append("</value></member>\n");
    }
    return text.append("</struct>").toString();
  }

  private static String system(int number) {
    return struct(
        "id",
        "<i4>" + (1000 + number) + "</i4>",
        "system_groups",
        array(number - 1, i -> struct("id", "<i4>" + i + "</i4>", "name", "group " + i)));
  }

  private static String network(int number) {
    return struct(
        "system_id",
        "<int>" + (1000 + number) + "</int>",
        "hostname",
        "<string>host" + number + "</string>",
        "primary_fqdn",
        "<string>host" + number + ".example</string>",
        "ip",
        "10.0.0." + number);
  }

  private static String endpoint(int number) {
    return struct(
        "system_id",
        "<i4>" + (1000 + number) + "</i4>",
        "endpoint_name",
        "Node &amp; co",
        "exporter_name",
        "node_exporter",
        "module",
        "node",
        "path",
        "/metrics",
        "port",
        "<i4>9100</i4>",
        "tls_enabled",
        "<boolean>" + number % 2 + "</boolean>");
  }

  private static String method(Stub.Asked asked) {
    int begin = asked.body().indexOf("<methodName>") + "<methodName>".length();
    return asked.body().substring(begin, asked.body().indexOf("</methodName>"));
  }

  private static Stub.Answer answer(String value) {
    return Stub.Answer.xml(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodResponse><params><param><value>"
            + value
            + "</value></param></params></methodResponse>");
  }

  @Override
  protected String address(int number) {
    return "host" + number + ":9100";
  }

  private UyuniTargets open(String section) throws Exception {
    return new UyuniTargets((UyuniConfig) config(section), context);
  }

  private List<TargetGroup> refresh() throws Exception {
    try (UyuniTargets targets = open(section(stub.url()))) {
      return targets.refresh();
    }
  }

  @Test
  void endpointsAreTargets() throws Exception {
    serve(3);
    List<TargetGroup> groups = refresh();
    assertThat(groups).hasSize(1);
    assertThat(groups.getFirst().source()).isEqualTo(stub.url() + "/rpc/api");
    assertThat(groups.getFirst().targets().get(2))
        .isEqualTo(
            Labels.of(
                "__address__",
                "host3:9100",
                "__meta_uyuni_endpoint_name",
                "Node & co",
                "__meta_uyuni_exporter",
                "node_exporter",
                "__meta_uyuni_groups",
                "group 1,group 2",
                "__meta_uyuni_metrics_path",
                "/metrics",
                "__meta_uyuni_minion_hostname",
                "host3",
                "__meta_uyuni_primary_fqdn",
                "host3.example",
                "__meta_uyuni_proxy_module",
                "node",
                "__meta_uyuni_scheme",
                "https",
                "__meta_uyuni_system_id",
                "1003"));
    assertThat(groups.getFirst().targets().get(1).getOrEmpty("__meta_uyuni_scheme"))
        .isEqualTo("http");
  }

  @Test
  void whatIsAsked() throws Exception {
    serve(2);
    refresh();
    assertThat(stub.asked()).allMatch(asked -> asked.path().equals("/rpc/api"));
    assertThat(stub.asked()).allMatch(asked -> asked.header("Content-Type").equals("text/xml"));
    assertThat(stub.asked().stream().map(Stub.Asked::body).map(UyuniDiscoveryTest::parameters))
        .containsExactly(
            "auth.login: <string>admin</string> <string>a&lt;b</string> <int>600</int>",
            "system.listSystemGroupsForSystemsWithEntitlement: <string>31x8345ab</string>"
                + " <string>monitoring_entitled</string>",
            "system.monitoring.listEndpoints: <string>31x8345ab</string>"
                + " <array><data><value><int>1001</int></value><value><int>1002</int></value>"
                + "</data></array>",
            "system.getNetworkForSystems: <string>31x8345ab</string>"
                + " <array><data><value><int>1001</int></value><value><int>1002</int></value>"
                + "</data></array>");
  }

  private static String parameters(String body) {
    return body.replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "")
        .replace("<methodCall><methodName>", "")
        .replace("</methodName><params><param><value>", ": ")
        .replace("</value></param><param><value>", " ")
        .replace("</value></param></params></methodCall>", "");
  }

  @Test
  void aSessionIsUsedForHalfOfItsTime() throws Exception {
    serve(1);
    try (UyuniTargets targets = open(section(stub.url()))) {
      targets.refresh();
      clock.advance(Duration.ofMinutes(5));
      targets.refresh();
      assertThat(logins()).isEqualTo(1);
      clock.advance(Duration.ofMillis(1));
      targets.refresh();
      assertThat(logins()).isEqualTo(2);
    }
  }

  @Test
  void aSessionIsNotUsedAgainAfterAFailure() throws Exception {
    serve(1);
    try (UyuniTargets targets = open(section(stub.url()))) {
      targets.refresh();
      stub.broken(true);
      assertThatThrownBy(targets::refresh)
          .hasMessageStartingWith(
              "unable to get the managed system groups information of monitored clients: ");
      stub.broken(false);
      targets.refresh();
      assertThat(logins()).isEqualTo(2);
    }
  }

  private long logins() {
    return stub.asked().stream().filter(asked -> method(asked).equals("auth.login")).count();
  }

  @Test
  void keysOfTheSection() throws Exception {
    serve(3);
    String section =
        "uyuni_sd_configs: [{server: '"
            + stub.url()
            + "/below/?x=1', username: u, password: p, entitlement: mine, separator: ';',"
            + " http_headers: {X-Mine: {values: [v]}}}]";
    try (UyuniTargets targets = open(section)) {
      TargetGroup group = targets.refresh().getFirst();
      assertThat(group.targets().get(2).getOrEmpty("__meta_uyuni_groups"))
          .isEqualTo("group 1;group 2");
    }
    assertThat(stub.asked()).allMatch(asked -> asked.path().equals("/below/rpc/api?x=1"));
    assertThat(stub.asked()).allMatch(asked -> asked.header("X-Mine").equals("v"));
    assertThat(stub.asked().get(1).body()).contains("<string>mine</string>");
  }

  @Test
  void aSystemThatTheServerKnowsLittleOf() throws Exception {
    stub.answer(asked ->
        switch (method(asked)) {
          case "auth.login" -> answer(TOKEN);
          case "system.monitoring.listEndpoints" ->
              answer(
                  array(
                      1,
                      i ->
                          struct(
                              "system_id", "<i8>7</i8>", "port", "<i4>80</i4>", "path", "<nil/>")));
          case "system.getNetworkForSystems" ->
              answer(array(1, i -> struct("system_id", "<i4>7</i4>", "hostname", "h")));
          default -> answer(array(0, i -> ""));
        });
    assertThat(refresh().getFirst().targets())
        .containsExactly(
            Labels.of(
                "__address__",
                "h:80",
                "__meta_uyuni_minion_hostname",
                "h",
                "__meta_uyuni_scheme",
                "http",
                "__meta_uyuni_system_id",
                "7"));
  }

  @Test
  void refusals() {
    stub.answer(asked ->
        Stub.Answer.xml(
            "<methodResponse><fault><value>"
                + struct(
                    "faultCode",
                    "<int>2950</int>",
                    "faultString",
                    "Either the password or username is incorrect.")
                + "</value></fault></methodResponse>"));
    assertThatThrownBy(this::refresh)
        .hasMessage(
            "unable to login to Uyuni API: Fault(2950): Either the password or username is"
                + " incorrect.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          system.monitoring.listEndpoints | <string>x</string> | unable to get endpoints information: the answer is a string, expected an array
          system.getNetworkForSystems     | <i4>1</i4>         | unable to get the systems network information: the answer is an int, expected an array
          system.getNetworkForSystems     | <i4>x</i4>         | "x" is no number
          auth.login                      | <struct/>          | unable to login to Uyuni API: the answer is a struct, expected a string
          system.monitoring.listEndpoints | <array><data><value><struct><member><name>port</name><value>a</value></member></struct></value></data></array> | [].port is a string, expected an int
          """)
  void wrongAnswers(String method, String value, String message) {
    stub.answer(asked ->
        method(asked).equals(method)
            ? answer(value)
            : answer(method(asked).equals("auth.login") ? TOKEN : "<array><data/></array>"));
    assertThatThrownBy(this::refresh).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          <methodResponse><params><param><value>a      | no valid XML-RPC
          <html><body>Login</body></html>              | found <html>, expected <methodResponse>
          <methodResponse><x/></methodResponse>        | found <x>, expected <params>
          plain                                        | no valid XML-RPC
          <!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><methodResponse><params><param><value>&e;</value></param></params></methodResponse> | no valid XML-RPC
          """)
  void whatIsNoXmlRpc(String body, String message) {
    assertThatThrownBy(() -> XmlRpc.decode(body.getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining(message);
  }

  @Test
  void valuesWithinValuesHaveAnEnd() {
    String deep = "<value><array><data>".repeat(10_000) + "</data></array></value>".repeat(10_000);
    String body = "<methodResponse><params><param>" + deep + "</param></params></methodResponse>";
    assertThatThrownBy(() -> XmlRpc.decode(body.getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("exceeds the limit");
  }
}
