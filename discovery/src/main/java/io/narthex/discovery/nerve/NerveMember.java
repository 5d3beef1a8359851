package io.narthex.discovery.nerve;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.zookeeper.Member;
import io.narthex.model.labels.Labels;
import java.io.IOException;

/** An instance of a service, as Nerve's reporter writes it: host, port and name. */
final class NerveMember {

  private static final String META = "__meta_nerve_";

  private NerveMember() {}

  static Labels labels(String path, byte[] data) throws IOException {
    JsonValue member = JsonValue.parse(data);
    String host = Member.get(member, "host").text();
    String port = Long.toString(Member.get(member, "port").whole());
    return Labels.of(
        TargetGroup.ADDRESS,
        Meta.address(host, port),
        META + "endpoint_host",
        host,
        META + "endpoint_name",
        Member.get(member, "name").text(),
        META + "endpoint_port",
        port,
        META + "path",
        path);
  }
}
