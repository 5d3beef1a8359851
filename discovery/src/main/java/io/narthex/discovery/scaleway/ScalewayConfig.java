package io.narthex.discovery.scaleway;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.section.Choice;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where to look for servers of Scaleway.
 *
 * @param projectId the project
 * @param apiUrl the API
 * @param zone the zone
 * @param accessKey the access key
 * @param secretKey its secret
 * @param secretKeyFile the file with it
 * @param nameFilter which servers, by name
 * @param tagsFilter which servers, by tags
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 * @param port the port of every target
 * @param role what is looked for
 */
public record ScalewayConfig(
    String projectId,
    String apiUrl,
    String zone,
    String accessKey,
    String secretKey,
    String secretKeyFile,
    String nameFilter,
    List<String> tagsFilter,
    HttpClientConfig http,
    Duration refreshInterval,
    int port,
    Role role)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "scaleway_sd_configs";

  /** What scaleway can be asked for. */
  public enum Role implements Choice {
    INSTANCE("instance"),
    BAREMETAL("baremetal");

    private final String text;

    Role(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }

    static Role decode(YamlValue value) {
      return Choice.decode(value, values(), name -> "unknown role " + GoQuote.quote(name));
    }
  }

  public ScalewayConfig {
    tagsFilter = List.copyOf(tagsFilter);
  }

  /** Reads one configuration. */
  public static ScalewayConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "scaleway.plain");
    String projectId = map.text("project_id", "");
    String apiUrl = map.text("api_url", "https://api.scaleway.com");
    String zone = map.text("zone", "fr-par-1");
    String accessKey = map.text("access_key", "");
    String secretKey = map.text("secret_key", "config.Secret", "");
    String secretKeyFile = map.file("secret_key_file");
    String nameFilter = map.text("name_filter", "");
    List<String> tagsFilter = map.texts("tags_filter");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    @Nullable Role role = map.optional("role", Role::decode);
    map.finish();
    if (role == null) {
      throw map.self().error("role missing (one of: instance, baremetal)");
    }
    if (projectId.isEmpty()) {
      throw map.self().error("project_id is mandatory");
    }
    Section.exactlyOne(map, secretKey, "secret_key", secretKeyFile, "secret_key_file");
    if (accessKey.isEmpty()) {
      throw map.self().error("access_key is mandatory");
    }
    HttpClientConfig client = http.complete();
    return new ScalewayConfig(
        projectId,
        apiUrl,
        zone,
        accessKey,
        secretKey,
        secretKeyFile,
        nameFilter,
        tagsFilter,
        client,
        refreshInterval,
        port,
        role);
  }

  @Override
  public String mechanism() {
    return "scaleway";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> source(context));
  }

  private Source source(DiscoveryContext context) throws IOException {
    return switch (role) {
      case INSTANCE -> new Instances(this, context);
      case BAREMETAL -> new BareMetal(this, context);
    };
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.put("project_id", projectId);
    out.text("api_url", apiUrl);
    out.put("zone", zone);
    out.put("access_key", accessKey);
    out.secretOrNull("secret_key", secretKey);
    out.put("secret_key_file", secretKeyFile);
    out.text("name_filter", nameFilter);
    out.texts("tags_filter", tagsFilter);
    http.write(out);
    out.put("refresh_interval", Durations.print(refreshInterval));
    out.whole("port", port);
    out.put("role", role.text());
  }
}
