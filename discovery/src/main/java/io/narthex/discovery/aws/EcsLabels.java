package io.narthex.discovery.aws;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.aws.api.Xml;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a task of ECS, as labels. A task either has a network interface of its own (mode
 * {@code awsvpc}), or shares the address of the machine it runs on.
 *
 * @param services those of the cluster, by name
 * @param machineIds the ids in EC2 of container instances, by their ARNs
 * @param machines those of EC2, by their ids
 * @param publicAddresses by the name of the network interface
 */
record EcsLabels(
    String region,
    int port,
    JsonValue cluster,
    Map<String, JsonValue> services,
    Map<String, String> machineIds,
    Map<String, Xml> machines,
    Map<String, String> publicAddresses) {

  private static final String PREFIX = "__meta_ecs_";

  /** The details of a task's own network interface; empty if it has none. */
  static Map<String, String> attachment(JsonValue task) throws IOException {
    for (JsonValue attachment : task.get("attachments").items()) {
      if (attachment.text("type").equals("ElasticNetworkInterface")) {
        Map<String, String> details = new HashMap<>();
        for (JsonValue detail : attachment.get("details").items()) {
          details.put(detail.text("name"), detail.text("value"));
        }
        details.put("type", attachment.text("type"));
        return details;
      }
    }
    return Map.of();
  }

  /** The labels; none for a task without an address. */
  Labels of(JsonValue task) throws IOException {
    Map<String, String> own = attachment(task);
    String instance = task.text("containerInstanceArn");
    String machineId = machineIds.getOrDefault(instance, "");
    @Nullable Xml machine = machines.get(machineId);
    String address = own.getOrDefault("privateIPv4Address", "");
    String publicAddress =
        publicAddresses.getOrDefault(own.getOrDefault("networkInterfaceId", ""), "");
    String subnet = own.getOrDefault("subnetId", "");
    if (own.isEmpty() && machine != null) {
      address = machine.text("privateIpAddress");
      publicAddress = machine.text("ipAddress");
      subnet = machine.text("subnetId");
    }
    if (address.isEmpty()) {
      return Labels.EMPTY;
    }
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(TargetGroup.ADDRESS, Meta.address(address, port));
    labels.set(PREFIX + "availability_zone", task.text("availabilityZone"));
    labels.set(PREFIX + "cluster", cluster.text("clusterName"));
    labels.set(PREFIX + "cluster_arn", cluster.text("clusterArn"));
    labels.set(PREFIX + "container_instance_arn", instance);
    labels.set(PREFIX + "desired_status", task.text("desiredStatus"));
    labels.set(PREFIX + "health_status", task.text("healthStatus"));
    labels.set(PREFIX + "ip_address", address);
    labels.set(PREFIX + "last_status", task.text("lastStatus"));
    labels.set(PREFIX + "launch_type", task.text("launchType"));
    labels.set(PREFIX + "network_mode", own.isEmpty() ? "bridge" : "awsvpc");
    labels.set(PREFIX + "platform_family", task.text("platformFamily"));
    labels.set(PREFIX + "platform_version", task.text("platformVersion"));
    labels.set(PREFIX + "public_ip", publicAddress);
    labels.set(PREFIX + "region", region);
    labels.set(PREFIX + "subnet_id", subnet);
    labels.set(PREFIX + "task_arn", task.text("taskArn"));
    labels.set(PREFIX + "task_definition", task.text("taskDefinitionArn"));
    labels.set(PREFIX + "task_group", task.text("group"));
    Tags.set(labels, PREFIX + "tag_cluster_", cluster.get("tags"));
    service(labels, task.text("group"));
    Tags.set(labels, PREFIX + "tag_task_", task.get("tags"));
    labels.set(PREFIX + "ec2_instance_id", machineId);
    if (machine != null) {
      labels.set(PREFIX + "ec2_instance_private_ip", machine.text("privateIpAddress"));
      labels.set(PREFIX + "ec2_instance_public_ip", machine.text("ipAddress"));
      labels.set(PREFIX + "ec2_instance_type", machine.text("instanceType"));
      Tags.set(labels, PREFIX + "tag_ec2_", machine.items("tagSet"), "key", "value");
    }
    return labels.build();
  }

  /** A group is {@code service:NAME}, or {@code family:NAME} for a task that somebody started. */
  private void service(LabelsBuilder labels, String group) throws IOException {
    int colon = group.indexOf(':');
    @Nullable JsonValue service = services.get(group.substring(colon + 1));
    if (service != null && !group.startsWith("family:")) {
      labels.set(PREFIX + "service", service.text("serviceName"));
      labels.set(PREFIX + "service_arn", service.text("serviceArn"));
      labels.set(PREFIX + "service_status", service.text("status"));
      Tags.set(labels, PREFIX + "tag_service_", service.get("tags"));
    }
  }
}
