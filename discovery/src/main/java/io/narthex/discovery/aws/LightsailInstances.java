package io.narthex.discovery.aws;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.aws.api.AwsClient;
import io.narthex.discovery.aws.api.AwsService;
import io.narthex.discovery.aws.api.JsonBody;
import io.narthex.discovery.aws.api.TokenPages;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Asks Lightsail for instances; the API is the "Amazon Lightsail API Reference", GetInstances. */
final class LightsailInstances implements Source {

  private static final String PREFIX = "__meta_lightsail_";

  private final AwsClient client;
  private final int port;

  LightsailInstances(AwsClient client, int port) {
    this.client = client;
    this.port = port;
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    List<Labels> targets = new ArrayList<>();
    TokenPages.all(token -> {
      JsonValue page =
          client.call(
              AwsService.LIGHTSAIL,
              "GetInstances",
              new JsonBody().text("pageToken", token).bytes());
      for (JsonValue instance : page.get("instances").items()) {
        if (!instance.text("privateIpAddress").isEmpty()) {
          targets.add(labels(instance));
        }
      }
      return page.text("nextPageToken");
    });
    return List.of(new TargetGroup(client.region(), Labels.EMPTY, targets));
  }

  private Labels labels(JsonValue instance) throws IOException {
    String address = instance.text("privateIpAddress");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(TargetGroup.ADDRESS, Meta.address(address, port));
    labels.set(PREFIX + "availability_zone", instance.get("location").text("availabilityZone"));
    labels.set(PREFIX + "blueprint_id", instance.text("blueprintId"));
    labels.set(PREFIX + "bundle_id", instance.text("bundleId"));
    labels.set(PREFIX + "instance_name", instance.text("name"));
    labels.set(PREFIX + "instance_state", instance.get("state").text("name"));
    labels.set(PREFIX + "instance_support_code", instance.text("supportCode"));
    labels.set(PREFIX + "private_ip", address);
    labels.set(PREFIX + "public_ip", instance.text("publicIpAddress"));
    labels.set(PREFIX + "region", client.region());
    List<String> ipv6 = instance.get("ipv6Addresses").texts();
    if (!ipv6.isEmpty()) {
      labels.set(PREFIX + "ipv6_addresses", Meta.enclosed(ipv6, ","));
    }
    Tags.set(labels, PREFIX + "tag_", instance.get("tags"));
    return labels.build();
  }

  @Override
  public void close() {
    client.close();
  }
}
