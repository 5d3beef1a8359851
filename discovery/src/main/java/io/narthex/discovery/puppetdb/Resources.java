package io.narthex.discovery.puppetdb;

import io.narthex.base.json.JsonValue;
import io.narthex.base.json.JsonWriter;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.refresh.UserInfo;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The resources that a query of PuppetDB selects. */
final class Resources implements Source {

  private static final String PREFIX = "__meta_puppetdb_";

  private final PuppetDbConfig config;
  private final HttpUrl url;
  private final ApiClient api;

  Resources(PuppetDbConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    this.url = queries(HttpUrl.parse(config.url()));
    this.api = new ApiClient(config.http(), context);
  }

  /** Where queries are answered, below the path of the configured URL. */
  private static HttpUrl queries(HttpUrl server) {
    String target = server.target();
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    String query = question < 0 ? "" : target.substring(question);
    return server.withTarget(path.replaceFirst("/+$", "") + "/pdb/query/v4" + query);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    new JsonWriter(body).beginObject().member("query", config.query()).endObject().flush();
    Request request =
        Request.post(url, "application/json", body.toByteArray())
            .header("Accept", "application/json")
            .timeout(config.refreshInterval())
            .mayRepeat();
    Reply reply = api.any(UserInfo.added(request, config.url()));
    if (reply.status() != 200) {
      throw new IOException("server returned HTTP status " + reply.statusText());
    }
    if (!ApiClient.isJson(reply)) {
      String type = reply.headers().first("Content-Type");
      throw new IOException("unsupported content type " + (type == null ? "" : type));
    }
    List<Labels> targets = new ArrayList<>();
    for (JsonValue resource : JsonValue.parse(reply.body()).items()) {
      targets.add(target(resource));
    }
    String source = url.text() + "?query=" + config.query();
    return List.of(new TargetGroup(source, Labels.EMPTY, targets));
  }

  private Labels target(JsonValue resource) throws IOException {
    String certname = resource.text("certname");
    List<String> tags = resource.get("tags").texts();
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(TargetGroup.ADDRESS, Meta.address(certname, config.port()));
    labels.set(PREFIX + "query", config.query());
    labels.set(PREFIX + "certname", certname);
    labels.set(PREFIX + "resource", resource.text("resource"));
    labels.set(PREFIX + "type", resource.text("type"));
    labels.set(PREFIX + "title", resource.text("title"));
    labels.set(PREFIX + "exported", Boolean.toString(resource.truth("exported")));
    labels.set(PREFIX + "file", resource.text("file"));
    labels.set(PREFIX + "environment", resource.text("environment"));
    if (!tags.isEmpty()) {
      labels.set(PREFIX + "tags", Meta.enclosed(tags, ","));
    }
    if (config.includeParameters()) {
      Parameters.add(labels, PREFIX + "parameter_", resource.get("parameters"));
    }
    return labels.build();
  }

  @Override
  public void close() {
    api.close();
  }
}
