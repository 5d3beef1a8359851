package io.narthex.discovery.azure;

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
import java.time.Duration;

/**
 * Where to look for virtual machines of Azure.
 *
 * @param environment the cloud
 * @param port the port of every target
 * @param subscriptionId the subscription
 * @param tenantId the tenant, for OAuth
 * @param clientId the client, for OAuth
 * @param clientSecret its secret, for OAuth
 * @param refreshInterval time between two looks
 * @param method {@code OAuth}, {@code ManagedIdentity}, {@code SDK} or {@code WorkloadIdentity}
 * @param resourceGroup the group, empty for all
 * @param http how to speak HTTP to it
 */
public record AzureConfig(
    String environment,
    int port,
    String subscriptionId,
    String tenantId,
    String clientId,
    String clientSecret,
    Duration refreshInterval,
    String method,
    String resourceGroup,
    HttpClientConfig http)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "azure_sd_configs";

  /** Reads one configuration. */
  public static AzureConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "azure.plain");
    String environment = map.text("environment", "AzurePublicCloud");
    int port = map.whole("port", 80);
    String subscriptionId = map.text("subscription_id", "");
    String tenantId = map.text("tenant_id", "");
    String clientId = map.text("client_id", "");
    String clientSecret = map.text("client_secret", "config.Secret", "");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofMinutes(5), Durations::decode);
    String method = map.text("authentication_method", "OAuth");
    String resourceGroup = map.text("resource_group", "");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    require(map, subscriptionId, "subscription_id");
    switch (method) {
      case "OAuth" -> {
        require(map, tenantId, "tenant_id");
        require(map, clientId, "client_id");
        require(map, clientSecret, "client_secret");
      }
      case "ManagedIdentity", "SDK", "WorkloadIdentity" -> {}
      default ->
          throw map.error(
              "authentication_method",
              "unknown authentication_type "
                  + GoQuote.quote(method)
                  + ". Supported types are \"OAuth\", \"ManagedIdentity\", \"SDK\" or"
                  + " \"WorkloadIdentity\"");
    }
    HttpClientConfig client = http.complete();
    return new AzureConfig(
        environment,
        port,
        subscriptionId,
        tenantId,
        clientId,
        clientSecret,
        refreshInterval,
        method,
        resourceGroup,
        client);
  }

  private static void require(YamlMap map, String value, String key) {
    if (value.isEmpty()) {
      throw map.self().error("azure SD configuration requires a " + key);
    }
  }

  @Override
  public String mechanism() {
    return "azure";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(),
        refreshInterval,
        context,
        () -> new AzureMachines(this, context, System.getenv()));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.text("environment", environment);
    out.whole("port", port);
    out.put("subscription_id", subscriptionId);
    out.text("tenant_id", tenantId);
    out.text("client_id", clientId);
    out.secret("client_secret", clientSecret);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.text("authentication_method", method);
    out.text("resource_group", resourceGroup);
    http.write(out);
  }
}
