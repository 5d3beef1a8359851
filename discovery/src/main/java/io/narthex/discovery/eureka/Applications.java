package io.narthex.discovery.eureka;

import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.refresh.UserInfo;
import io.narthex.model.labels.Labels;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** All instances of all applications that are registered, as XML behind {@code /apps}. */
final class Applications implements Source {

  private final Request request;
  private final ApiClient api;

  Applications(EurekaConfig config, DiscoveryContext context) throws IOException {
    String url = config.server() + "/apps";
    // Eureka speaks JSON as well.
    Request plain = Request.get(HttpUrl.parse(url)).header("Accept", "application/xml");
    this.request = UserInfo.added(plain, url);
    this.api = new ApiClient(config.http(), context);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    Reply reply = api.any(request);
    if (!reply.isOk()) {
      throw new IOException(
          "non 2xx status '" + reply.status() + "' response during eureka service discovery");
    }
    try {
      List<Labels> targets = new ArrayList<>();
      for (XmlElement application : XmlElement.parse(reply.body()).children("application")) {
        for (XmlElement instance : application.children("instance")) {
          targets.add(Instances.target(application.text("name"), instance));
        }
      }
      return List.of(new TargetGroup("eureka", Labels.EMPTY, targets));
    } catch (IOException e) {
      throw new IOException("\"" + request.url().text() + "\": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    api.close();
  }
}
