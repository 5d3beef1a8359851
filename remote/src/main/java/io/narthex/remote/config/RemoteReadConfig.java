package io.narthex.remote.config;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.duration.Durations;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.url.Url;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Another server that is asked for samples.
 *
 * @param chunkedReadLimit bytes of one frame of an answer in chunks
 * @param headers further headers
 * @param readRecent whether it is asked for times that this server has whole
 * @param name in metrics and logs, empty for one made from the configuration
 * @param requiredMatchers only queries that ask for these labels go there
 * @param filterExternalLabels whether the external labels are asked for
 */
public record RemoteReadConfig(
    String url,
    Duration remoteTimeout,
    long chunkedReadLimit,
    Map<String, String> headers,
    boolean readRecent,
    String name,
    HttpClientConfig http,
    Map<String, String> requiredMatchers,
    boolean filterExternalLabels) {

  private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(1);
  private static final long DEFAULT_CHUNKED_LIMIT = 50_000_000;

  public RemoteReadConfig {
    headers = Map.copyOf(headers);
    requiredMatchers = Map.copyOf(requiredMatchers);
  }

  /** Reads one element of the list. */
  public static RemoteReadConfig decode(YamlValue value) {
    if (value.isNull()) {
      throw value.error("empty or null remote read config section");
    }
    YamlMap map = value.map("config.plain");
    String url = map.optional("url", Url::decode);
    Duration timeout = map.value("remote_timeout", DEFAULT_TIMEOUT, Durations::decode);
    long limit = map.value("chunked_read_limit", DEFAULT_CHUNKED_LIMIT, v -> v.unsigned("uint64"));
    Map<String, String> headers = Headers.read(map);
    boolean readRecent = map.bool("read_recent", false);
    String name = map.text("name", "");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Map<String, String> matchers =
        map.value(
            "required_matchers",
            Map.of(),
            v -> v.mapOf("model.LabelSet", e -> e.text("model.LabelValue")));
    boolean filter = map.bool("filter_external_labels", true);
    map.finish();
    if (url == null) {
      throw value.error("url for remote_read is empty");
    }
    Headers.check(map, headers, RemoteWriteConfig.AUTHORIZATION_HEADER);
    for (String label : matchers.keySet()) {
      if (!ValidationScheme.UTF8.allowsLabel(label)) {
        throw map.error("required_matchers", GoQuote.quote(label) + " is not a valid label name");
      }
    }
    return new RemoteReadConfig(
        url, timeout, limit, headers, readRecent, name, http.complete(), matchers, filter);
  }

  /** Checks that no two bear the same name. */
  public static void checkNames(YamlMap map, String key, List<RemoteReadConfig> configs) {
    Set<String> seen = new HashSet<>();
    for (RemoteReadConfig config : configs) {
      if (!config.name.isEmpty() && !seen.add(config.name)) {
        throw map.error(
            key, "found multiple remote read configs with job name " + GoQuote.quote(config.name));
      }
    }
  }

  /** Writes the section as upstream prints it. */
  public void write(YamlWriter.Map out) {
    out.put("url", Url.redacted(url));
    Durations.write(out, "remote_timeout", remoteTimeout);
    out.unsigned("chunked_read_limit", chunkedReadLimit);
    out.textMap("headers", new TreeMap<>(headers));
    out.flag("read_recent", readRecent);
    out.text("name", name);
    http.write(out);
    out.textMap("required_matchers", new TreeMap<>(requiredMatchers));
    // Upstream leaves it out where it is false, and reads true again.
    out.bool("filter_external_labels", filterExternalLabels);
  }
}
