package io.narthex.discovery.marathon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answers have the form of Marathon's API documentation, {@code GET /v2/apps}. */
final class MarathonDiscoveryTest extends StubAcceptance {

  @Override
  protected String section(String url) {
    return "marathon_sd_configs: [{servers: ['" + url + "']}]";
  }

  /** Three ways to tell a port. */
  @Override
  protected void serve(int targets) {
    List<String> ports =
        List.of(
            "\"container\": {\"docker\": {\"image\": \"repo/i:1\"}, \"portMappings\":"
                + " [{\"hostPort\": 0, \"labels\": {\"a-b\": \"yes\"}}]}",
            "\"portDefinitions\": [{\"port\": 5, \"labels\": {\"c\": \"d\"}}]",
            "\"networks\": [{\"mode\": \"container\"}], \"container\": {\"docker\":"
                + " {\"portMappings\": [{\"containerPort\": 3, \"hostPort\": 9}]}}");
    String apps =
        IntStream.rangeClosed(1, targets)
            .mapToObj(i ->
                """
                {"id": "/app%1$d", "labels": {"team.x": "t"}, %2$s, "tasks": [
                  {"id": "task%1$d", "host": "host%1$d", "ports": [%1$d],
                   "ipAddresses": [{"ipAddress": "host%1$d", "protocol": "IPv4"}]}]}
                """
                    .formatted(i, ports.get(i - 1)))
            .collect(Collectors.joining(","));
    stub.answer(asked -> Stub.Answer.json("{\"apps\": [" + apps + "]}"));
  }

  @Override
  protected String address(int number) {
    return "host" + number + ":" + number;
  }

  private List<TargetGroup> refresh(String section) throws Exception {
    try (Apps apps = new Apps((MarathonConfig) config(section), context, new Random(1))) {
      return apps.refresh();
    }
  }

  @Test
  void everyLabel() throws Exception {
    stub.answer(asked ->
        Stub.Answer.json(
            """
            {"apps": [{
              "id": "/product/service",
              "instances": 1,
              "tasksRunning": 1,
              "labels": {"prometheus.io/scrape": "yes"},
              "networks": [{"mode": "container/bridge"}],
              "container": {
                "type": "DOCKER",
                "docker": {"image": "repo/image:tag"},
                "portMappings": [
                  {"containerPort": 8080, "hostPort": 31000, "servicePort": 10001,
                   "labels": {"metrics-path": "/m"}},
                  {"containerPort": 8081, "hostPort": 0}
                ]
              },
              "portDefinitions": [{"port": 1, "labels": {"unused": "yes"}}],
              "tasks": [{
                "id": "product_service.1234", "host": "mesos-slave1",
                "ports": [31000, 31005],
                "ipAddresses": [{"ipAddress": "172.17.0.2", "protocol": "IPv4"}]
              }]
            }, {"id": "/idle", "tasks": []}]}
            """));
    assertThat(refresh(section(stub.url())))
        .containsExactly(
            new TargetGroup(
                "/product/service",
                Labels.of(
                    "__meta_marathon_app",
                    "/product/service",
                    "__meta_marathon_image",
                    "repo/image:tag",
                    "__meta_marathon_app_label_prometheus_io_scrape",
                    "yes"),
                List.of(
                    Labels.of(
                        "__address__",
                        "mesos-slave1:31000",
                        "__meta_marathon_task",
                        "product_service.1234",
                        "__meta_marathon_port_index",
                        "0",
                        "__meta_marathon_port_mapping_label_metrics_path",
                        "/m"),
                    Labels.of(
                        "__address__",
                        "mesos-slave1:31005",
                        "__meta_marathon_task",
                        "product_service.1234",
                        "__meta_marathon_port_index",
                        "1"))),
            new TargetGroup("/idle", Labels.of("__meta_marathon_app", "/idle"), List.of()));
  }

  /** An app's ports, with two tasks on two hosts, and where the targets are. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          "portDefinitions": [{"port": 7}, {"port": 8}], "requirePorts": true | h1:7 h1:8 h2:7 h2:8
          "portDefinitions": [{"port": 7}, {"port": 8}]                       | h1:11 h1:12 h2:21 h2:22
          "portDefinitions": [{"port": 7}]                                    | h1:0 h2:0
          "ports": [1]                                                        | h1:11 h1:12 h2:21 h2:22
          "container": {"portMappings": [{"hostPort": 7}]}                    | h1:7 h2:7
          "networks": [{"mode": "container"}], "container": {"portMappings": [{"containerPort": 5}, {"containerPort": 0}]} | 10.0.0.1:5 10.0.0.1:12 h2:5 h2:22
          "networks": [{"mode": "host"}, {"mode": "container"}], "container": {"docker": {"portMappings": [{"containerPort": 5, "hostPort": 6}]}} | h1:6 h2:6
          """)
  void ports(String app, String addresses) throws Exception {
    stub.answer(asked ->
        Stub.Answer.json(
            "{\"apps\": [{\"id\": \"/a\", "
                + app
                + ", \"tasks\": ["
                + "{\"id\": \"1\", \"host\": \"h1\", \"ports\": [11, 12], \"ipAddresses\":"
                + " [{\"ipAddress\": \"10.0.0.1\"}, {\"ipAddress\": \"10.0.0.9\"}]},"
                + "{\"id\": \"2\", \"host\": \"h2\", \"ports\": [21, 22]}]}]}"));
    assertThat(
            refresh(section(stub.url())).getFirst().targets().stream()
                .map(target -> target.getOrEmpty("__address__")))
        .containsExactly(addresses.split(" "));
  }

  @Test
  void asksAllServersInTurn() throws Exception {
    try (Stub other = new Stub()) {
      serve(1);
      other.answer(asked -> Stub.Answer.json("{\"apps\": []}"));
      String section =
          "marathon_sd_configs: [{servers: ['%s', '%s/deep']}]".formatted(stub.url(), other.url());
      try (Apps apps = new Apps((MarathonConfig) config(section), context, new Random(1))) {
        for (int i = 0; i < 30; i++) {
          apps.refresh();
        }
      }
      assertThat(stub.asked()).hasSizeBetween(5, 25);
      assertThat(other.asked()).hasSize(30 - stub.asked().size());
      assertThat(stub.asked().getFirst().path()).isEqualTo("/v2/apps/?embed=apps.tasks");
      assertThat(other.asked().getFirst().path()).isEqualTo("/deep/v2/apps/?embed=apps.tasks");
    }
  }

  @Test
  void theTokenOfDcosHasAFormOfItsOwn(@TempDir Path directory) throws Exception {
    serve(0);
    Path file = directory.resolve("token");
    String url = stub.url();
    assertThatThrownBy(() ->
            refresh(
                "marathon_sd_configs: [{servers: [" + url + "], auth_token_file: " + file + "}]"))
        .hasMessage("unable to read auth token file " + file + ": no such file or directory");
    Files.writeString(file, " one\n");
    MarathonConfig config =
        (MarathonConfig)
            config(
                "marathon_sd_configs: [{servers: [" + url + "], auth_token_file: " + file + "}]");
    try (Apps apps = new Apps(config, context, new Random(1))) {
      apps.refresh();
      Files.writeString(file, "two");
      apps.refresh();
    }
    refresh("marathon_sd_configs: [{servers: [" + url + "], auth_token: three}]");
    refresh("marathon_sd_configs: [{servers: ['" + url.replace("//", "//u:p@") + "']}]");
    refresh("marathon_sd_configs: [{servers: ['" + url + "'], bearer_token: b}]");
    assertThat(stub.asked().stream().map(asked -> asked.header("Authorization")))
        .containsExactly("token=one", "token=two", "token=three", "Basic dTpw", "Bearer b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          503 | {}            | non 2xx status '503' response during marathon service discovery
          200 | {             | /v2/apps/?embed=apps.tasks": no valid JSON
          200 | {"apps": 1}   | apps is a number, expected an array
          200 | {"apps": [{"tasks": [{"ports": ["a"]}]}]} | apps[0].tasks[0].ports[0] is a text, expected a number
          """)
  void wrongAnswers(int status, String body, String message) {
    stub.answer(asked -> new Stub.Answer(status, "application/json", body, Map.of()));
    assertThatThrownBy(() -> refresh(section(stub.url()))).hasMessageContaining(message);
  }

  @Test
  void aServerThatIsNoUrl() {
    assertThatThrownBy(() -> refresh("marathon_sd_configs: [{servers: ['localhost:8080']}]"))
        .hasMessage(
            "Get \"localhost:8080/v2/apps/?embed=apps.tasks\": unsupported protocol scheme \"\"");
  }
}
