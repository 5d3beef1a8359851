package io.narthex.discovery.triton;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.section.Choice;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.TlsConfig;
import java.time.Duration;
import java.util.List;

/**
 * Where to look for containers or nodes of Triton.
 *
 * @param account the account
 * @param role what is looked for
 * @param dnsSuffix ends the names of targets
 * @param endpoint the host of the API
 * @param groups the groups, empty for all
 * @param port the port of every target
 * @param refreshInterval time between two looks
 * @param tls TLS towards the API
 * @param version of the API
 */
public record TritonConfig(
    String account,
    Role role,
    String dnsSuffix,
    String endpoint,
    List<String> groups,
    int port,
    Duration refreshInterval,
    TlsConfig tls,
    int version)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "triton_sd_configs";

  /** What triton can be asked for. */
  public enum Role implements Choice {
    CONTAINER("container"),
    CN("cn");

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
          value,
          values(),
          name -> "triton SD configuration requires role to be 'container' or 'cn'");
    }
  }

  public TritonConfig {
    groups = List.copyOf(groups);
  }

  /** Reads one configuration. */
  public static TritonConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "triton.plain");
    String account = map.text("account", "");
    Role role = map.value("role", Role.CONTAINER, Role::decode);
    String dnsSuffix = map.text("dns_suffix", "");
    String endpoint = map.text("endpoint", "");
    List<String> groups = map.texts("groups");
    int port = map.whole("port", 9163);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    TlsConfig tls = map.value("tls_config", TlsConfig.DEFAULT, TlsConfig::decode);
    int version = map.whole("version", 1);
    map.finish();
    require(map, account, "an account");
    require(map, dnsSuffix, "a dns_suffix");
    require(map, endpoint, "an endpoint");
    if (refreshInterval.isZero()) {
      throw map.error(
          "refresh_interval",
          "triton SD configuration requires RefreshInterval to be a positive integer");
    }
    return new TritonConfig(
        account, role, dnsSuffix, endpoint, groups, port, refreshInterval, tls, version);
  }

  private static void require(YamlMap map, String value, String what) {
    if (value.isEmpty()) {
      throw map.self().error("triton SD configuration requires " + what);
    }
  }

  @Override
  public String mechanism() {
    return "triton";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(), refreshInterval, context, () -> new TritonTargets(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.put("account", account);
    out.put("role", role.text());
    out.put("dns_suffix", dnsSuffix);
    out.put("endpoint", endpoint);
    out.texts("groups", groups);
    out.whole("port", port);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.mapIfAny("tls_config", tls::write);
    out.whole("version", version);
  }
}
