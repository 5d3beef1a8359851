package io.narthex.discovery.puppetdb;

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
 * Where to look for resources known to PuppetDB.
 *
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 * @param url the server
 * @param query the query, in PQL
 * @param includeParameters whether parameters become labels
 * @param port the port of every target
 */
public record PuppetDbConfig(
    HttpClientConfig http,
    Duration refreshInterval,
    String url,
    String query,
    boolean includeParameters,
    int port)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "puppetdb_sd_configs";

  /** Reads one configuration. */
  public static PuppetDbConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "puppetdb.plain");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    String url = map.text("url", "");
    String query = map.text("query", "");
    boolean includeParameters = map.bool("include_parameters", false);
    int port = map.whole("port", 80);
    map.finish();
    Url.checkHttp(map.self(), url);
    if (query.isEmpty()) {
      throw map.self().error("query missing");
    }
    HttpClientConfig client = http.complete();
    return new PuppetDbConfig(client, refreshInterval, url, query, includeParameters, port);
  }

  @Override
  public String mechanism() {
    return "puppetdb";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(), refreshInterval, context, () -> new Resources(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    http.write(out);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.put("url", url);
    out.put("query", query);
    out.bool("include_parameters", includeParameters);
    out.whole("port", port);
  }
}
