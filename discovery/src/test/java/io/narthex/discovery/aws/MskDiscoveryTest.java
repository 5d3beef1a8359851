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
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers: "Amazon MSK API Reference", "Clusters V2", "Clusters V2 clusterArn" and "Nodes". */
final class MskDiscoveryTest extends StubAcceptance {

  private static final String ARN = "arn:aws:kafka:eu-west-1:111122223333:cluster/log s/1-2";
  private static final String ESCAPED =
      "arn%3Aaws%3Akafka%3Aeu-west-1%3A111122223333%3Acluster%2Flog%20s%2F1-2";

  private static final String CLUSTER =
      """
      {"clusterArn": "%s", "clusterName": "logs", "clusterType": "PROVISIONED",
       "state": "ACTIVE", "currentVersion": "K3P5ROKL5A1OLE", "tags": {"cost-center": "7"},
       "provisioned": {
         "currentBrokerSoftwareInfo": {"kafkaVersion": "3.6.0", "configurationRevision": 5,
           "configurationArn": "arn:aws:kafka:eu-west-1:111122223333:configuration/c/1"},
         "openMonitoring": {"prometheus": {"jmxExporter": {"enabledInBroker": true},
           "nodeExporter": {"enabledInBroker": false}}}}}
      """
          .formatted(ARN);

  private static final String BROKER =
      """
      {"nodeARN": "arn:node/%1$d", "nodeType": "BROKER", "instanceType": "m5.large",
       "addedToClusterTime": "2024-01-02T03:04:05.678Z",
       "brokerNodeInfo": {"attachedENIId": "eni-%1$d", "brokerId": %1$d.0,
         "clientSubnet": "subnet-1", "clientVpcIpAddress": "10.0.0.%1$d",
         "endpoints": ["b-%1$d.logs.example"]}}
      """;

  private static final String CONTROLLER =
      """
      {"nodeARN": "arn:node/c", "controllerNodeInfo": {"endpoints": ["c-1.example", "c-2.example"]}}
      """;

  private static final String ZOOKEEPER =
      """
      {"nodeARN": "arn:node/z", "zookeeperNodeInfo": {"endpoints": ["z-1.example"]}}
      """;

  @Override
  protected String section(String url) {
    return "msk_sd_configs: [{endpoint: '%s', %s, port: 11001}]".formatted(url, AwsStub.ACCESS);
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Prometheus 3.5.3 does not have msk_sd_configs";
  }

  @Override
  protected void serve(int targets) {
    serve(CLUSTER, IntStream.rangeClosed(1, targets).mapToObj(BROKER::formatted).toList());
  }

  private void serve(String cluster, List<String> nodes) {
    String list = nodes.stream().collect(Collectors.joining(",", "{\"nodeInfoList\": [", "]}"));
    stub.answer(asked ->
        Stub.Answer.json(
            asked.path().contains("/nodes")
                ? list
                : asked.path().startsWith("/api/v2/clusters/")
                    ? "{\"clusterInfo\": " + cluster + "}"
                    : "{\"clusterInfoList\": [" + cluster + "]}"));
  }

  @Override
  protected String address(int number) {
    return "b-" + number + ".logs.example:11001";
  }

  private List<Map<String, String>> refresh(String more) throws Exception {
    String section = section(stub.url()).replace("}]", more + "}]");
    return AwsStub.targets(((ClusterConfig) config(section)).source(context));
  }

  @Test
  void everyLabel() throws Exception {
    serve(CLUSTER, List.of(BROKER.formatted(1), CONTROLLER, ZOOKEEPER));
    List<Map<String, String>> found = refresh("");
    Map<String, String> cluster = new TreeMap<>();
    cluster.put("__meta_msk_cluster_arn", ARN);
    cluster.put(
        "__meta_msk_cluster_configuration_arn",
        "arn:aws:kafka:eu-west-1:111122223333:configuration/c/1");
    cluster.put("__meta_msk_cluster_configuration_revision", "5");
    cluster.put("__meta_msk_cluster_jmx_exporter_enabled", "true");
    cluster.put("__meta_msk_cluster_kafka_version", "3.6.0");
    cluster.put("__meta_msk_cluster_name", "logs");
    cluster.put("__meta_msk_cluster_state", "ACTIVE");
    cluster.put("__meta_msk_cluster_tag_cost_center", "7");
    cluster.put("__meta_msk_cluster_type", "PROVISIONED");
    cluster.put("__meta_msk_cluster_version", "K3P5ROKL5A1OLE");
    Map<String, String> broker = new TreeMap<>(cluster);
    broker.put("__address__", "b-1.logs.example:11001");
    broker.put("__meta_msk_broker_client_subnet", "subnet-1");
    broker.put("__meta_msk_broker_client_vpc_ip", "10.0.0.1");
    broker.put("__meta_msk_broker_endpoint_index", "0");
    broker.put("__meta_msk_broker_id", "1");
    broker.put("__meta_msk_broker_node_exporter_enabled", "false");
    broker.put("__meta_msk_node_added_time", "2024-01-02T03:04:05.678Z");
    broker.put("__meta_msk_node_arn", "arn:node/1");
    broker.put("__meta_msk_node_attached_eni", "eni-1");
    broker.put("__meta_msk_node_instance_type", "m5.large");
    broker.put("__meta_msk_node_type", "BROKER");
    Map<String, String> controller = new TreeMap<>(cluster);
    controller.put("__address__", "c-2.example:11001");
    controller.put("__meta_msk_controller_endpoint_index", "1");
    controller.put("__meta_msk_node_arn", "arn:node/c");
    controller.put("__meta_msk_node_type", "CONTROLLER");
    assertThat(found).hasSize(3);
    assertThat(found.getFirst()).isEqualTo(broker);
    assertThat(found.getLast()).isEqualTo(controller);
    Set<String> names = new TreeSet<>();
    for (Map<String, String> target : found) {
      names.addAll(AwsStub.names(target, "__meta_msk_", Set.of("__meta_msk_cluster_tag_")));
    }
    assertThat(names).isEqualTo(AwsStub.documented("__meta_msk_"));
  }

  @Test
  void asksForPages() throws Exception {
    stub.answer(asked -> {
      boolean second = asked.path().contains("nextToken=a%2B%20b");
      String list =
          asked.path().contains("/nodes")
              ? "\"nodeInfoList\": [" + BROKER.formatted(second ? 2 : 1) + "]"
              : "\"clusterInfoList\": [" + (second ? "" : CLUSTER) + "]";
      return Stub.Answer.json("{" + list + (second ? "" : ", \"nextToken\": \"a+ b\"") + "}");
    });
    assertThat(refresh("")).hasSize(2);
    assertThat(stub.asked())
        .extracting(asked -> asked.method() + " " + asked.path())
        .containsExactly(
            "GET /api/v2/clusters?clusterTypeFilter=PROVISIONED&maxResults=100",
            "GET /api/v2/clusters?clusterTypeFilter=PROVISIONED&maxResults=100&nextToken=a%2B%20b",
            "GET /v1/clusters/" + ESCAPED + "/nodes?maxResults=100",
            "GET /v1/clusters/" + ESCAPED + "/nodes?maxResults=100&nextToken=a%2B%20b");
    assertThat(stub.asked().getFirst().header("Authorization"))
        .contains("/eu-west-1/kafka/aws4_request");
  }

  @Test
  void clustersByName() throws Exception {
    serve(2);
    assertThat(refresh(", clusters: ['" + ARN + "']")).hasSize(2);
    assertThat(stub.asked().getFirst().path()).isEqualTo("/api/v2/clusters/" + ESCAPED);
    serve(CLUSTER.replace("PROVISIONED", "SERVERLESS"), List.of(BROKER.formatted(1)));
    assertThat(refresh(", clusters: ['" + ARN + "']")).isEmpty();
  }

  @Test
  void clustersThatTellLittle() throws Exception {
    serve(
        "{\"clusterType\": \"PROVISIONED\"}",
        List.of("{\"brokerNodeInfo\": {\"endpoints\": [\"b\"]}}"));
    assertThat(refresh(""))
        .containsExactly(
            Map.of(
                "__address__", "b:11001",
                "__meta_msk_broker_endpoint_index", "0",
                "__meta_msk_broker_id", "0",
                "__meta_msk_cluster_type", "PROVISIONED",
                "__meta_msk_node_type", "BROKER"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          403 | {"message": "User is not authorized"} | KAFKA ListClustersV2: 403 Forbidden: AccessDeniedException: User is not authorized
          200 | {"clusterInfoList": [{"clusterType": "PROVISIONED", "tags": []}]} | KAFKA ListNodes: 404 Not Found
          200 | "x" | KAFKA ListClustersV2: the answer is no JSON object
          """)
  void wrongAnswers(int status, String body, String message) {
    stub.answer(asked ->
        asked.path().contains("/nodes")
            ? Stub.Answer.status(404, "")
            : new Stub.Answer(
                status,
                "application/json",
                body,
                Map.of("x-amzn-ErrorType", "AccessDeniedException:http://internal/")));
    assertThatThrownBy(() -> refresh(""))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(message);
  }
}
