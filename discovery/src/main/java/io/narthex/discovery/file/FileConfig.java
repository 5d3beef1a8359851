package io.narthex.discovery.file;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.model.duration.Durations;
import java.time.Duration;
import java.util.List;

/**
 * Which files to read.
 *
 * @param files paths ending in .json, .yml or .yaml, whose last element may hold asterisks
 * @param refreshInterval how often they are read even if no change was seen
 */
public record FileConfig(List<String> files, Duration refreshInterval) implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "file_sd_configs";

  private static final Duration DEFAULT_REFRESH = Duration.ofMinutes(5);
  private static final List<String> EXTENSIONS =
      List.of(".json", ".yml", ".yaml", ".JSON", ".YML", ".YAML");

  public FileConfig {
    files = List.copyOf(files);
  }

  /** Reads one configuration. */
  public static FileConfig decode(YamlValue value) {
    if (value.isNull()) {
      throw value.error("empty or null section in file_sd_configs");
    }
    YamlMap map = value.map("file.plain");
    List<String> files = map.list("files", "[]string", FileConfig::path);
    Duration refresh = map.value("refresh_interval", DEFAULT_REFRESH, Durations::decode);
    map.finish();
    if (files.isEmpty()) {
      throw value.error("file service discovery config must contain at least one path name");
    }
    return new FileConfig(files, refresh.isZero() ? DEFAULT_REFRESH : refresh);
  }

  private static String path(YamlValue value) {
    String path = value.text();
    int star = path.indexOf('*');
    boolean inLastElement = star < 0 || path.indexOf('/', star) < 0;
    if (!inLastElement || EXTENSIONS.stream().noneMatch(path::endsWith)) {
      throw value.error("path name " + GoQuote.quote(path) + " is not valid for file discovery");
    }
    return value.file();
  }

  @Override
  public String mechanism() {
    return "file";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new FileDiscovery(this, context);
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.texts("files", files);
    Durations.write(out, "refresh_interval", refreshInterval);
  }
}
