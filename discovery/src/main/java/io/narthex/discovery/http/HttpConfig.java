package io.narthex.discovery.http;

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
 * Where to look for a list of targets behind a URL.
 *
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 * @param url answers with the list
 */
public record HttpConfig(HttpClientConfig http, Duration refreshInterval, String url)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "http_sd_configs";

  /** Reads one configuration. */
  public static HttpConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "http.plain");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    String url = map.text("url", "");
    map.finish();
    Url.checkHttp(map.self(), url);
    HttpClientConfig client = http.complete();
    return new HttpConfig(client, refreshInterval, url);
  }

  @Override
  public String mechanism() {
    return "http";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(), refreshInterval, context, () -> new TargetList(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    http.write(out);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.put("url", Url.redacted(url));
  }
}
