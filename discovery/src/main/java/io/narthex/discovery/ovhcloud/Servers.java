package io.narthex.discovery.ovhcloud;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.net.request.Forms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Virtual or dedicated servers, each asked for by its name. One that the API refuses to describe
 * (it has expired, or the key is not good for it) or that has no address is left out with a
 * warning; it does not hide the others.
 */
final class Servers implements Source {

  private static final Logger LOG = LoggerFactory.getLogger(Servers.class);

  private final OvhCloudConfig config;
  private final OvhCloudApi api;

  Servers(OvhCloudConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    this.api = new OvhCloudApi(config, context);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    api.begin();
    String path =
        switch (config.service()) {
          case VPS -> "/vps";
          case DEDICATED_SERVER -> "/dedicated/server";
        };
    String source = "ovhcloud_" + config.service().text();
    List<Labels> targets = new ArrayList<>();
    for (String name : api.get(path).texts()) {
      String own = path + "/" + Forms.escape(name);
      JsonValue server;
      List<JsonValue> list;
      Addresses addresses;
      try {
        server = api.get(own);
        list = api.get(own + "/ips").items();
      } catch (OvhCloudApi.Refused e) {
        leaveOut(source, name, e);
        continue;
      }
      try {
        addresses = Addresses.read(list);
      } catch (IOException e) {
        leaveOut(source, name, e);
        continue;
      }
      targets.add(
          switch (config.service()) {
            case VPS -> ServerLabels.virtual(server, addresses);
            case DEDICATED_SERVER -> ServerLabels.dedicated(server, addresses);
          });
    }
    return List.of(new TargetGroup(source, Labels.EMPTY, targets));
  }

  private static void leaveOut(String source, String name, IOException why) {
    LOG.atWarn()
        .addKeyValue("err", why.getMessage())
        .log("{}: Could not get details of {}", source, name);
  }

  @Override
  public void close() {
    api.close();
  }
}
