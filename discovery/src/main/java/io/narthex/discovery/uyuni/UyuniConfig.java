package io.narthex.discovery.uyuni;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.url.Url;
import java.time.Duration;

/**
 * Where to look for systems managed by Uyuni.
 *
 * @param server the server, as a URL
 * @param username who asks
 * @param password the password
 * @param http how to speak HTTP to it
 * @param entitlement which systems
 * @param separator stands between the groups of a system in its label
 * @param refreshInterval time between two looks
 */
public record UyuniConfig(
    String server,
    String username,
    String password,
    HttpClientConfig http,
    String entitlement,
    String separator,
    Duration refreshInterval)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "uyuni_sd_configs";

  /** Reads one configuration. */
  public static UyuniConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "uyuni.plain");
    String server = map.text("server", "");
    String username = map.text("username", "");
    String password = map.text("password", "config.Secret", "");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    String entitlement = map.text("entitlement", "monitoring_entitled");
    String separator = map.text("separator", ",");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    map.finish();
    if (server.isEmpty()) {
      throw map.self().error("Uyuni SD configuration requires server host");
    }
    String problem = Url.problem(server);
    if (!problem.isEmpty()) {
      throw map.error("server", "Uyuni Server URL is not valid: " + problem);
    }
    if (username.isEmpty()) {
      throw map.self().error("Uyuni SD configuration requires a username");
    }
    if (password.isEmpty()) {
      throw map.self().error("Uyuni SD configuration requires a password");
    }
    HttpClientConfig client = http.complete();
    return new UyuniConfig(
        server, username, password, client, entitlement, separator, refreshInterval);
  }

  @Override
  public String mechanism() {
    return "uyuni";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(), refreshInterval, context, () -> new UyuniTargets(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.put("server", server);
    out.put("username", username);
    out.secretOrNull("password", password);
    http.write(out);
    out.text("entitlement", entitlement);
    out.text("separator", separator);
    Durations.write(out, "refresh_interval", refreshInterval);
  }
}
