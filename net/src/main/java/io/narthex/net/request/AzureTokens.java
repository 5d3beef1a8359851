package io.narthex.net.request;

import io.narthex.base.time.Clock;
import io.narthex.net.client.AzureAdConfig;
import io.narthex.net.connect.HttpUrl;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Fetches tokens of Azure (Microsoft Entra ID): by an application's secret, by a token of
 * Kubernetes, or by the identity of the machine. A token is renewed when half of its life is over,
 * as Prometheus does. Thread-safe.
 */
public final class AzureTokens {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String DEFAULT = "/.default";

  private final AzureAdConfig config;
  private final String scope;
  private final HttpClient client;
  private final Clock clock;
  private final Map<String, String> environment;

  // Guarded by this.
  private @Nullable String token;
  private long renewAt;

  /**
   * @param environment of the process, for the SDK's way and the places of the services
   */
  public AzureTokens(
      AzureAdConfig config, HttpClient client, Clock clock, Map<String, String> environment) {
    this.config = config;
    this.scope = config.scope().isEmpty() ? audience(config.cloud()) : config.scope();
    this.client = client;
    this.clock = clock;
    this.environment = Map.copyOf(environment);
  }

  private static String audience(String cloud) {
    return switch (cloud) {
      case "AzureChina" -> "https://monitor.azure.cn//.default";
      case "AzureGovernment" -> "https://monitor.azure.us//.default";
      default -> "https://monitor.azure.com//.default";
    };
  }

  /** The value of an Authorization header that is good now. */
  public synchronized String header() throws IOException {
    String known = token;
    if (known != null && clock.nanos() - renewAt < 0) {
      return known;
    }
    Reply reply = client.send(request());
    Map<String, String> fields;
    try {
      fields = FlatJson.read(reply.body());
    } catch (IOException e) {
      fields = Map.of();
    }
    String access = fields.getOrDefault("access_token", "");
    if (!reply.isOk() || access.isEmpty()) {
      throw new IOException(
          "Failed to get access token: "
              + reply.statusText()
              + ": "
              + fields.getOrDefault("error_description", fields.getOrDefault("error", "")));
    }
    long seconds;
    try {
      seconds = Long.parseLong(fields.getOrDefault("expires_in", "600"));
    } catch (NumberFormatException e) {
      throw new IOException("Failed to get access token: a life of " + fields.get("expires_in"), e);
    }
    renewAt = clock.nanos() + seconds * 500_000_000L;
    known = "Bearer " + access;
    token = known;
    return known;
  }

  private String env(String name) {
    return environment.getOrDefault(name, "");
  }

  private Request request() throws IOException {
    return switch (config.method()) {
      case MANAGED_IDENTITY -> managed(config.clientId());
      case WORKLOAD_IDENTITY -> workload(config.clientId(), config.tenantId(), config.tokenFile());
      case OAUTH -> secret(config.clientId(), config.clientSecret(), config.tenantId());
      case SDK -> fromEnvironment();
    };
  }

  private Request fromEnvironment() throws IOException {
    String tenant = config.tenantId().isEmpty() ? env("AZURE_TENANT_ID") : config.tenantId();
    if (!env("AZURE_CLIENT_SECRET").isEmpty()) {
      return secret(env("AZURE_CLIENT_ID"), env("AZURE_CLIENT_SECRET"), tenant);
    }
    if (!env("AZURE_FEDERATED_TOKEN_FILE").isEmpty()) {
      return workload(env("AZURE_CLIENT_ID"), tenant, env("AZURE_FEDERATED_TOKEN_FILE"));
    }
    return managed(env("AZURE_CLIENT_ID"));
  }

  private Request secret(String clientId, String secret, String tenant) {
    Map<String, String> form = new TreeMap<>();
    form.put("client_id", clientId);
    form.put("client_secret", secret);
    return login(tenant, form);
  }

  private Request workload(String clientId, String tenant, String file) throws IOException {
    Map<String, String> form = new TreeMap<>();
    form.put("client_id", clientId);
    form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    form.put("client_assertion", Files.readString(Path.of(file)).strip());
    return login(tenant, form);
  }

  private Request login(String tenant, Map<String, String> form) {
    form.put("grant_type", "client_credentials");
    form.put("scope", scope);
    String host = env("AZURE_AUTHORITY_HOST");
    if (host.isEmpty()) {
      host =
          switch (config.cloud()) {
            case "AzureChina" -> "https://login.chinacloudapi.cn";
            case "AzureGovernment" -> "https://login.microsoftonline.us";
            default -> "https://login.microsoftonline.com";
          };
    }
    String base = host.endsWith("/") ? host.substring(0, host.length() - 1) : host;
    HttpUrl url = HttpUrl.parse(base + "/" + tenant + "/oauth2/v2.0/token");
    return Request.post(
            url,
            "application/x-www-form-urlencoded",
            Forms.encode(form).getBytes(StandardCharsets.US_ASCII))
        .timeout(PATIENCE)
        .mayRepeat();
  }

  /** The identity of an app service, or of the machine by its metadata service. */
  private Request managed(String clientId) {
    String resource =
        scope.endsWith(DEFAULT) ? scope.substring(0, scope.length() - DEFAULT.length()) : scope;
    String client = clientId.isEmpty() ? "" : "&client_id=" + Forms.escape(clientId);
    String query = "&resource=" + Forms.escape(resource) + client;
    String service = env("IDENTITY_ENDPOINT");
    if (!service.isEmpty()) {
      return Request.get(HttpUrl.parse(service + "?api-version=2019-08-01" + query))
          .header("X-IDENTITY-HEADER", env("IDENTITY_HEADER"))
          .timeout(PATIENCE);
    }
    String pod = env("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    String base = pod.isEmpty() ? "http://169.254.169.254" : pod;
    return Request.get(
            HttpUrl.parse(base + "/metadata/identity/oauth2/token?api-version=2018-02-01" + query))
        .header("Metadata", "true")
        .timeout(PATIENCE);
  }
}
