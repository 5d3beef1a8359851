package io.narthex.discovery.dns;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.dns.DnsResolver;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Where to look for names of the DNS.
 *
 * @param names what is asked for
 * @param refreshInterval time between two looks
 * @param type the type of the records, in any case
 * @param port the port of every target
 */
public record DnsConfig(List<String> names, Duration refreshInterval, String type, int port)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "dns_sd_configs";

  public DnsConfig {
    names = List.copyOf(names);
  }

  /** Reads one configuration. */
  public static DnsConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "dns.plain");
    List<String> names = map.texts("names");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(30), Durations::decode);
    String type = map.text("type", "SRV");
    int port = map.whole("port", 0);
    map.finish();
    if (names.isEmpty()) {
      throw map.self().error("DNS-SD config must contain at least one SRV record name");
    }
    switch (type.toUpperCase(Locale.ROOT)) {
      case "SRV" -> {}
      case "A", "AAAA", "MX", "NS" -> {
        if (port == 0) {
          throw map.self()
              .error("a port is required in DNS-SD configs for all record types except SRV");
        }
      }
      default -> throw map.error("type", "invalid DNS-SD records type " + type);
    }
    return new DnsConfig(names, refreshInterval, type, port);
  }

  @Override
  public String mechanism() {
    return "dns";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return open(context, DnsResolver.system());
  }

  Discovery open(DiscoveryContext context, DnsResolver resolver) {
    return new Refreshing(
        mechanism(), refreshInterval, context, () -> new DnsTargets(this, context, resolver));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.textsOrNone("names", names);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.put("type", type);
    out.whole("port", port);
  }
}
