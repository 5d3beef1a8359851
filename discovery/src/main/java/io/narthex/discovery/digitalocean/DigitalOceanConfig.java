package io.narthex.discovery.digitalocean;

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

/**
 * Where to look for droplets or databases of DigitalOcean.
 *
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 * @param port the port of every target
 * @param role what is looked for
 */
public record DigitalOceanConfig(
    HttpClientConfig http, Duration refreshInterval, int port, Role role)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "digitalocean_sd_configs";

  /** What digitalocean can be asked for. */
  public enum Role implements Choice {
    DROPLETS("droplets"),
    DATABASES("databases");

    private final String text;

    Role(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }

    static Role decode(YamlValue value) {
      return Choice.decode(
          value, values(), name -> "unknown DigitalOcean SD role " + GoQuote.quote(name));
    }
  }

  /** Reads one configuration. */
  public static DigitalOceanConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "digitalocean.plain");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    Role role = map.value("role", Role.DROPLETS, Role::decode);
    map.finish();
    HttpClientConfig client = http.complete();
    return new DigitalOceanConfig(client, refreshInterval, port, role);
  }

  @Override
  public String mechanism() {
    return "digitalocean";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> source(context));
  }

  private Source source(DiscoveryContext context) throws IOException {
    return switch (role) {
      case DROPLETS -> new Droplets(this, context);
      case DATABASES -> new Databases(this, context);
    };
  }

  @Override
  public void write(YamlWriter.Map out) {
    http.write(out);
    out.put("refresh_interval", Durations.print(refreshInterval));
    out.whole("port", port);
    out.put("role", role.text());
  }
}
