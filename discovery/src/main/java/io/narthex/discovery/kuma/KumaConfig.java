package io.narthex.discovery.kuma;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.url.Url;
import java.time.Duration;

/**
 * Where to look for data planes of a Kuma mesh.
 *
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 * @param fetchTimeout how long an answer may take
 * @param server the control plane, as a URL
 * @param clientId by which the control plane knows this server
 */
public record KumaConfig(
    HttpClientConfig http,
    Duration refreshInterval,
    Duration fetchTimeout,
    String server,
    String clientId)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "kuma_sd_configs";

  /** Reads one configuration. */
  public static KumaConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "xds.plain");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(15), Durations::decode);
    Duration fetchTimeout = map.value("fetch_timeout", Duration.ofMinutes(2), Durations::decode);
    String server = map.text("server", "");
    String clientId = map.text("client_id", "");
    map.finish();
    Url url = Url.parse(map.self(), server);
    if (url.scheme().isEmpty() || url.host().isEmpty()) {
      throw map.self().error("kuma SD server must not be empty and have a scheme: " + server);
    }
    HttpClientConfig client = http.complete();
    return new KumaConfig(client, refreshInterval, fetchTimeout, server, clientId);
  }

  @Override
  public String mechanism() {
    return "kuma";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new KumaDiscovery(this, context);
  }

  @Override
  public void write(YamlWriter.Map out) {
    http.write(out);
    Durations.write(out, "refresh_interval", refreshInterval);
    Durations.write(out, "fetch_timeout", fetchTimeout);
    out.text("server", server);
    out.text("client_id", clientId);
  }
}
