package io.narthex.discovery.hetzner;

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
import org.jspecify.annotations.Nullable;

/**
 * Where to look for servers of Hetzner.
 *
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 * @param port the port of every target
 * @param role the API that is asked
 * @param labelSelector which servers of the cloud
 */
public record HetznerConfig(
    HttpClientConfig http, Duration refreshInterval, int port, Role role, String labelSelector)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "hetzner_sd_configs";

  /** What hetzner can be asked for. */
  public enum Role implements Choice {
    ROBOT("robot"),
    HCLOUD("hcloud");

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

  /** Reads one configuration. */
  public static HetznerConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "hetzner.plain");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    @Nullable Role role = map.optional("role", Role::decode);
    String labelSelector = map.text("label_selector", "");
    map.finish();
    if (role == null) {
      throw map.self().error("role missing (one of: robot, hcloud)");
    }
    HttpClientConfig client = http.complete();
    return new HetznerConfig(client, refreshInterval, port, role, labelSelector);
  }

  @Override
  public String mechanism() {
    return "hetzner";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> source(context));
  }

  private Source source(DiscoveryContext context) throws IOException {
    return switch (role) {
      case ROBOT -> new RobotServers(this, context);
      case HCLOUD -> new CloudServers(this, context);
    };
  }

  @Override
  public void write(YamlWriter.Map out) {
    http.write(out);
    out.put("refresh_interval", Durations.print(refreshInterval));
    out.whole("port", port);
    out.put("role", role.text());
    out.text("label_selector", labelSelector);
  }
}
