package io.narthex.discovery.stackit;

import io.narthex.base.text.GoQuote;
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
 * Where to look for servers of STACKIT.
 *
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 * @param port the port of every target
 * @param region the region
 * @param endpoint the API, empty for the region's
 * @param project the project
 * @param serviceAccountKey the key of the service account, JSON
 * @param privateKey its private key, PEM
 * @param serviceAccountKeyPath the file with the key
 * @param privateKeyPath the file with the private key
 * @param credentialsFilePath the file that names both
 */
public record StackitConfig(
    HttpClientConfig http,
    Duration refreshInterval,
    int port,
    String region,
    String endpoint,
    String project,
    String serviceAccountKey,
    String privateKey,
    String serviceAccountKeyPath,
    String privateKeyPath,
    String credentialsFilePath)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "stackit_sd_configs";

  /** Reads one configuration. */
  public static StackitConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "stackit.plain");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    String region = map.text("region", "eu01");
    String endpoint = map.text("endpoint", "");
    String project = map.text("project", "");
    String serviceAccountKey = map.text("service_account_key", "config.Secret", "");
    String privateKey = map.text("private_key", "config.Secret", "");
    String serviceAccountKeyPath = map.file("service_account_key_path");
    String privateKeyPath = map.file("private_key_path");
    String credentialsFilePath = map.file("credentials_file_path");
    map.finish();
    if (endpoint.isEmpty() && region.isEmpty()) {
      throw map.self().error("endpoint or region missing");
    }
    String problem = Url.problem(endpoint);
    if (!problem.isEmpty()) {
      throw map.error("endpoint", "invalid endpoint " + GoQuote.quote(endpoint) + ": " + problem);
    }
    HttpClientConfig client = http.complete();
    return new StackitConfig(
        client,
        refreshInterval,
        port,
        region,
        endpoint,
        project,
        serviceAccountKey,
        privateKey,
        serviceAccountKeyPath,
        privateKeyPath,
        credentialsFilePath);
  }

  @Override
  public String mechanism() {
    return "stackit";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(),
        refreshInterval,
        context,
        () -> new StackitServers(this, context, System.getenv()));
  }

  @Override
  public void write(YamlWriter.Map out) {
    http.write(out);
    out.put("refresh_interval", Durations.print(refreshInterval));
    out.whole("port", port);
    out.put("region", region);
    out.put("endpoint", endpoint);
    out.put("project", project);
    out.secretOrNull("service_account_key", serviceAccountKey);
    out.secretOrNull("private_key", privateKey);
    out.put("service_account_key_path", serviceAccountKeyPath);
    out.put("private_key_path", privateKeyPath);
    out.put("credentials_file_path", credentialsFilePath);
  }
}
