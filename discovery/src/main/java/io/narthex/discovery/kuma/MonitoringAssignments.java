package io.narthex.discovery.kuma;

import io.narthex.base.json.JsonValue;
import io.narthex.base.json.JsonWriter;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.UserInfo;
import io.narthex.model.duration.Durations;
import io.narthex.model.labels.Labels;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fetches monitoring assignments: a request names the version that is known, and the control plane
 * answers when it has another, or with 304 after the time that the request allows. A version counts
 * as known once it was understood, so that one that was not is sent again. It belongs to one
 * thread.
 */
final class MonitoringAssignments implements AutoCloseable {

  private static final String TYPE =
      "type.googleapis.com/kuma.observability.v1.MonitoringAssignment";

  /** What an answer may take longer than the control plane was told. */
  private static final Duration OVERHEAD = Duration.ofSeconds(15);

  private final KumaConfig config;
  private final HttpUrl url;
  private final String client;
  private final ApiClient api;
  private String version = "";
  private String nonce = "";

  MonitoringAssignments(KumaConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    this.url = discovery(HttpUrl.parse(config.server()), config.fetchTimeout());
    this.client = config.clientId().isEmpty() ? ownName() : config.clientId();
    this.api = new ApiClient(config.http(), context);
  }

  private static HttpUrl discovery(HttpUrl server, Duration patience) {
    String target = server.target();
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    return server.withTarget(
        path.replaceFirst("/+$", "")
            + "/v3/discovery:monitoringassignments?"
            + Forms.encode(Map.of("fetch-timeout", Durations.print(patience))));
  }

  private static String ownName() {
    try {
      InetAddress own = InetAddress.getLocalHost();
      String name = own.getCanonicalHostName();
      return name.equals(own.getHostAddress()) ? own.getHostName() : name;
    } catch (UnknownHostException e) {
      // The control plane only wants to tell its clients apart.
      return "prometheus";
    }
  }

  /**
   * Waits for assignments that are not known yet.
   *
   * @return all targets there are now, or null if nothing has changed
   */
  @Nullable List<Labels> fetch() throws IOException {
    Request request =
        Request.post(url, "application/json", question())
            .header("Accept", "application/json")
            .timeout(config.fetchTimeout().plus(OVERHEAD))
            .mayRepeat();
    Reply reply = api.any(UserInfo.added(request, config.server()));
    if (reply.status() == 304) {
      return null;
    }
    if (reply.status() != 200) {
      throw new IOException("non 200 status '" + reply.status() + "' response during xDS fetch");
    }
    JsonValue answer = JsonValue.parse(reply.body());
    String type = either(answer, "type_url", "typeUrl").text();
    if (!type.equals(TYPE)) {
      throw new IOException("received invalid typeURL for Kuma MADS v1 Resource: " + type);
    }
    List<Labels> targets = new ArrayList<>();
    for (JsonValue assignment : answer.get("resources").items()) {
      String each = assignment.text("@type");
      if (!each.equals(TYPE)) {
        throw new IOException("received a resource of type \"" + each + "\", expected " + TYPE);
      }
      targets.addAll(AssignmentTargets.of(assignment));
    }
    version = either(answer, "version_info", "versionInfo").text();
    nonce = answer.text("nonce");
    return targets;
  }

  /** A member under its name of protobuf or that of JSON: writers may choose. */
  static JsonValue either(JsonValue message, String name, String jsonName) throws IOException {
    JsonValue value = message.get(name);
    return value.isNull() ? message.get(jsonName) : value;
  }

  private byte[] question() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonWriter json = new JsonWriter(out).beginObject();
    if (!version.isEmpty()) {
      json.member("version_info", version);
    }
    json.name("node").beginObject().member("id", client).endObject();
    json.member("type_url", TYPE);
    if (!nonce.isEmpty()) {
      json.member("response_nonce", nonce);
    }
    json.endObject().flush();
    return out.toByteArray();
  }

  @Override
  public void close() {
    api.close();
  }
}
