package io.narthex.discovery.ovhcloud;

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
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where to look for servers of OVHcloud.
 *
 * @param endpoint the API, by name
 * @param applicationKey the application
 * @param applicationSecret its secret
 * @param consumerKey on whose behalf it asks
 * @param refreshInterval time between two looks
 * @param service what is looked for
 */
public record OvhCloudConfig(
    String endpoint,
    String applicationKey,
    String applicationSecret,
    String consumerKey,
    Duration refreshInterval,
    Service service)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "ovhcloud_sd_configs";

  /** What ovhcloud can be asked for. */
  public enum Service implements Choice {
    VPS("vps"),
    DEDICATED_SERVER("dedicated_server");

    private final String text;

    Service(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }

    static Service decode(YamlValue value) {
      return Choice.decode(value, values(), name -> "unknown service: " + name);
    }
  }

  /** Reads one configuration. */
  public static OvhCloudConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "ovhcloud.plain");
    String endpoint = map.text("endpoint", "ovh-eu");
    String applicationKey = map.text("application_key", "");
    String applicationSecret = map.text("application_secret", "config.Secret", "");
    String consumerKey = map.text("consumer_key", "config.Secret", "");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    @Nullable Service service = map.optional("service", Service::decode);
    map.finish();
    require(map, endpoint, "endpoint can not be empty");
    require(map, applicationKey, "application key can not be empty");
    require(map, applicationSecret, "application secret can not be empty");
    require(map, consumerKey, "consumer key can not be empty");
    if (service == null) {
      throw map.self().error("unknown service: ");
    }
    return new OvhCloudConfig(
        endpoint, applicationKey, applicationSecret, consumerKey, refreshInterval, service);
  }

  private static void require(YamlMap map, String value, String complaint) {
    if (value.isEmpty()) {
      throw map.self().error(complaint);
    }
  }

  @Override
  public String mechanism() {
    return "ovhcloud";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> new Servers(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.put("endpoint", endpoint);
    out.put("application_key", applicationKey);
    out.secretOrNull("application_secret", applicationSecret);
    out.secretOrNull("consumer_key", consumerKey);
    out.put("refresh_interval", Durations.print(refreshInterval));
    out.put("service", service.text());
  }
}
