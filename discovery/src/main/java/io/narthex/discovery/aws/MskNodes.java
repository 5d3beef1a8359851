package io.narthex.discovery.aws;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.aws.api.AwsClient;
import io.narthex.discovery.aws.api.AwsService;
import io.narthex.discovery.aws.api.Parallel;
import io.narthex.discovery.aws.api.TokenPages;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.request.Forms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks MSK for the brokers and controllers of clusters; the API is the "Amazon MSK API Reference",
 * clusters of version 2 and nodes. Serverless clusters have no nodes to be found.
 */
final class MskNodes implements Source {

  private static final Logger LOG = LoggerFactory.getLogger(MskNodes.class);
  private static final String PREFIX = "__meta_msk_";
  private static final String PROVISIONED = "PROVISIONED";

  private final AwsClient client;
  private final List<String> clusters;
  private final int port;

  /**
   * Makes it ready.
   *
   * @param clusters ARNs; empty for all
   */
  MskNodes(AwsClient client, List<String> clusters, int port) {
    this.client = client;
    this.clusters = clusters;
    this.port = port;
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    List<JsonValue> found = clusters.isEmpty() ? list() : Parallel.map(clusters, this::describe);
    List<JsonValue> provisioned = new ArrayList<>();
    for (JsonValue cluster : found) {
      if (cluster.text("clusterType").equals(PROVISIONED)) {
        provisioned.add(cluster);
      } else {
        LOG.atWarn()
            .addKeyValue("discovery", "msk")
            .addKeyValue("cluster", cluster.text("clusterArn"))
            .addKeyValue("type", cluster.text("clusterType"))
            .log("Skipping non-provisioned MSK cluster, only provisioned clusters are supported");
      }
    }
    List<Labels> targets =
        Parallel.map(provisioned, this::nodes).stream().flatMap(List::stream).toList();
    return List.of(new TargetGroup(client.region(), Labels.EMPTY, targets));
  }

  private List<JsonValue> list() throws IOException, InterruptedException {
    return pages(
        "ListClustersV2",
        "api/v2/clusters?clusterTypeFilter=" + PROVISIONED + "&maxResults=100",
        "clusterInfoList");
  }

  private JsonValue describe(String arn) throws IOException, InterruptedException {
    JsonValue answer =
        client.get(AwsService.KAFKA, "DescribeClusterV2", "api/v2/clusters/" + segment(arn));
    return answer.get("clusterInfo");
  }

  private List<JsonValue> pages(String action, String target, String field)
      throws IOException, InterruptedException {
    List<JsonValue> all = new ArrayList<>();
    TokenPages.all(token -> {
      String next = token.isEmpty() ? "" : "&nextToken=" + segment(token);
      JsonValue page = client.get(AwsService.KAFKA, action, target + next);
      all.addAll(page.get(field).items());
      return page.text("nextToken");
    });
    return all;
  }

  /** A text as a part of a path or a query; a blank is no plus there. */
  private static String segment(String text) {
    return Forms.escape(text).replace("+", "%20");
  }

  private List<Labels> nodes(JsonValue cluster) throws IOException, InterruptedException {
    List<Labels> targets = new ArrayList<>();
    String arn = segment(cluster.text("clusterArn"));
    String target = "v1/clusters/" + arn + "/nodes?maxResults=100";
    for (JsonValue node : pages("ListNodes", target, "nodeInfoList")) {
      JsonValue broker = node.get("brokerNodeInfo");
      JsonValue controller = node.get("controllerNodeInfo");
      if (!broker.isNull()) {
        LabelsBuilder labels = common(cluster, node, "BROKER");
        labels.set(PREFIX + "node_attached_eni", broker.text("attachedENIId"));
        labels.set(PREFIX + "broker_id", whole(broker.get("brokerId")));
        labels.set(PREFIX + "broker_client_subnet", broker.text("clientSubnet"));
        labels.set(PREFIX + "broker_client_vpc_ip", broker.text("clientVpcIpAddress"));
        exporter(labels, "broker_node_exporter_enabled", cluster, "nodeExporter");
        endpoints(targets, labels, broker, "broker_endpoint_index");
      } else if (!controller.isNull()) {
        LabelsBuilder labels = common(cluster, node, "CONTROLLER");
        endpoints(targets, labels, controller, "controller_endpoint_index");
      }
    }
    return targets;
  }

  private static LabelsBuilder common(JsonValue cluster, JsonValue node, String type)
      throws IOException {
    JsonValue software = cluster.get("provisioned").get("currentBrokerSoftwareInfo");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(PREFIX + "cluster_arn", cluster.text("clusterArn"));
    labels.set(PREFIX + "cluster_configuration_arn", software.text("configurationArn"));
    labels.set(
        PREFIX + "cluster_configuration_revision", software.get("configurationRevision").scalar());
    exporter(labels, "cluster_jmx_exporter_enabled", cluster, "jmxExporter");
    labels.set(PREFIX + "cluster_kafka_version", software.text("kafkaVersion"));
    labels.set(PREFIX + "cluster_name", cluster.text("clusterName"));
    labels.set(PREFIX + "cluster_state", cluster.text("state"));
    labels.set(PREFIX + "cluster_type", cluster.text("clusterType"));
    labels.set(PREFIX + "cluster_version", cluster.text("currentVersion"));
    labels.set(PREFIX + "node_added_time", node.text("addedToClusterTime"));
    labels.set(PREFIX + "node_arn", node.text("nodeARN"));
    labels.set(PREFIX + "node_instance_type", node.text("instanceType"));
    labels.set(PREFIX + "node_type", type);
    for (Map.Entry<String, JsonValue> tag : cluster.get("tags").members().entrySet()) {
      Tags.set(labels, PREFIX + "cluster_tag_", tag.getKey(), tag.getValue().text());
    }
    return labels;
  }

  /** Whether an exporter runs on the brokers; clusters without monitoring do not say. */
  private static void exporter(
      LabelsBuilder labels, String name, JsonValue cluster, String exporter) throws IOException {
    JsonValue settings =
        cluster.get("provisioned").get("openMonitoring").get("prometheus").get(exporter);
    if (!settings.isNull()) {
      labels.set(PREFIX + name, Boolean.toString(settings.truth("enabledInBroker")));
    }
  }

  private void endpoints(
      List<Labels> targets, LabelsBuilder labels, JsonValue node, String indexLabel)
      throws IOException {
    List<String> endpoints = node.get("endpoints").texts();
    for (int i = 0; i < endpoints.size(); i++) {
      labels.set(PREFIX + indexLabel, Integer.toString(i));
      labels.set(TargetGroup.ADDRESS, Meta.address(endpoints.get(i), port));
      targets.add(labels.build());
    }
  }

  /** The API has the number as a floating one. */
  private static String whole(JsonValue number) throws IOException {
    return Long.toString((long) Math.rint(number.number()));
  }

  @Override
  public void close() {
    client.close();
  }
}
