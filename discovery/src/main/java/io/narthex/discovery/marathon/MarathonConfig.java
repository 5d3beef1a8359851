package io.narthex.discovery.marathon;

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
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Where to look for tasks of Marathon.
 *
 * @param servers the servers, as URLs
 * @param refreshInterval time between two looks
 * @param authToken a token of DC/OS
 * @param authTokenFile the file with it
 * @param http how to speak HTTP to it
 */
public record MarathonConfig(
    List<String> servers,
    Duration refreshInterval,
    String authToken,
    String authTokenFile,
    HttpClientConfig http)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "marathon_sd_configs";

  public MarathonConfig {
    servers = List.copyOf(servers);
  }

  /** Reads one configuration. */
  public static MarathonConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "marathon.plain");
    List<String> servers = map.texts("servers");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(30), Durations::decode);
    String authToken = map.text("auth_token", "config.Secret", "");
    String authTokenFile = map.file("auth_token_file");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    if (servers.isEmpty()) {
      throw map.self().error("marathon_sd: must contain at least one Marathon server");
    }
    if (!authToken.isEmpty() && !authTokenFile.isEmpty()) {
      throw map.self()
          .error("marathon_sd: at most one of auth_token & auth_token_file must be configured");
    }
    if (!authToken.isEmpty() || !authTokenFile.isEmpty()) {
      checkAlone(map);
    }
    HttpClientConfig client = http.complete();
    return new MarathonConfig(servers, refreshInterval, authToken, authTokenFile, client);
  }

  /** The token of DC/OS stands in the header that other ways to authenticate need. */
  private static void checkAlone(YamlMap map) {
    if (Section.isSet(map, "basic_auth")) {
      throw map.self()
          .error(
              "marathon_sd: at most one of basic_auth, auth_token & auth_token_file must be"
                  + " configured");
    }
    if (Section.isSet(map, "bearer_token") || Section.isSet(map, "bearer_token_file")) {
      throw map.self()
          .error(
              "marathon_sd: at most one of bearer_token, bearer_token_file, auth_token &"
                  + " auth_token_file must be configured");
    }
    if (Section.isSet(map, "authorization")) {
      throw map.self()
          .error(
              "marathon_sd: at most one of auth_token, auth_token_file & authorization must be"
                  + " configured");
    }
  }

  @Override
  public String mechanism() {
    return "marathon";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(),
        refreshInterval,
        context,
        () -> new Apps(this, context, RandomGenerator.getDefault()));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.texts("servers", servers);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.secret("auth_token", authToken);
    out.text("auth_token_file", authTokenFile);
    http.write(out);
  }
}
