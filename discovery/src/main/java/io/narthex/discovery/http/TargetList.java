package io.narthex.discovery.http;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.refresh.UserInfo;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A list of target groups as JSON behind a URL. */
final class TargetList implements Source {

  private static final String META_URL = "__meta_url";

  private final HttpConfig config;
  private final DiscoveryContext context;
  private final ApiClient api;
  private final Request request;

  TargetList(HttpConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    this.context = context;
    Request plain =
        Request.get(HttpUrl.parse(config.url()))
            .header("Accept", "application/json")
            .header("X-Prometheus-Refresh-Interval-Seconds", seconds(config.refreshInterval()))
            .timeout(config.refreshInterval());
    this.request = UserInfo.added(plain, config.url());
    this.api = new ApiClient(config.http(), context);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    try {
      return read(api.any(request));
    } catch (IOException e) {
      context.metrics().mechanisms().httpFailed();
      throw e;
    }
  }

  private List<TargetGroup> read(Reply reply) throws IOException {
    if (reply.status() != 200) {
      throw new IOException("server returned HTTP status " + reply.statusText());
    }
    if (!ApiClient.isJson(reply)) {
      String type = reply.headers().first("Content-Type");
      throw new IOException("unsupported content type \"" + (type == null ? "" : type) + "\"");
    }
    List<TargetGroup> groups = new ArrayList<>();
    for (JsonValue group : JsonValue.parse(reply.body()).items()) {
      groups.add(group(group, groups.size()));
    }
    return groups;
  }

  private TargetGroup group(JsonValue json, int index) throws IOException {
    if (!json.isObject()) {
      throw new IOException("nil target group item found (index " + index + ")");
    }
    LabelsBuilder labels = new LabelsBuilder();
    for (Map.Entry<String, JsonValue> label : json.get("labels").members().entrySet()) {
      labels.set(label.getKey(), label.getValue().text());
    }
    labels.set(META_URL, config.url());
    List<Labels> targets = new ArrayList<>();
    for (String address : json.get("targets").texts()) {
      targets.add(Labels.of(TargetGroup.ADDRESS, address));
    }
    return new TargetGroup(config.url() + ":" + index, labels.build(), targets);
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros().toPlainString();
  }

  @Override
  public void close() {
    api.close();
  }
}
