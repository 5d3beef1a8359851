package io.narthex.discovery.serverset;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.zookeeper.Member;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.Map;

/**
 * A member of a server set, as Finagle writes it: an endpoint, others by name, status and shard.
 */
final class ServersetMember {

  private static final String META = "__meta_serverset_";

  private ServersetMember() {}

  static Labels labels(String path, byte[] data) throws IOException {
    JsonValue member = JsonValue.parse(data);
    LabelsBuilder labels = new LabelsBuilder().set(META + "path", path);
    JsonValue endpoint = Member.get(member, "serviceEndpoint");
    labels.set(TargetGroup.ADDRESS, Meta.address(host(endpoint), port(endpoint)));
    set(labels, endpoint, "");
    for (Map.Entry<String, JsonValue> other :
        Member.get(member, "additionalEndpoints").members().entrySet()) {
      set(labels, other.getValue(), "_" + Meta.sanitized(other.getKey()));
    }
    return labels
        .set(META + "status", Member.get(member, "status").text())
        .set(META + "shard", Long.toString(Member.get(member, "shard").whole()))
        .build();
  }

  private static void set(LabelsBuilder labels, JsonValue endpoint, String suffix)
      throws IOException {
    labels.set(META + "endpoint_host" + suffix, host(endpoint));
    labels.set(META + "endpoint_port" + suffix, port(endpoint));
  }

  private static String host(JsonValue endpoint) throws IOException {
    return Member.get(endpoint, "host").text();
  }

  private static String port(JsonValue endpoint) throws IOException {
    return Long.toString(Member.get(endpoint, "port").whole());
  }
}
