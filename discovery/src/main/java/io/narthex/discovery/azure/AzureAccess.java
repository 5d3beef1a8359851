package io.narthex.discovery.azure;

import io.narthex.discovery.DiscoveryContext;
import io.narthex.net.client.AzureAdConfig;
import io.narthex.net.client.AzureAdConfig.Method;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import io.narthex.net.request.AzureTokens;
import io.narthex.net.request.HttpClient;
import java.io.IOException;
import java.util.Map;

/**
 * Who asks Azure. Tokens are fetched past the HTTP settings of the configuration, which are those
 * of the resource manager, but through a proxy that the environment names.
 */
final class AzureAccess implements AutoCloseable {

  private static final HttpClientConfig PLAIN =
      new HttpClientConfig(
          null,
          null,
          TlsConfig.DEFAULT,
          true,
          true,
          new ProxyConfig("", "", true, Map.of()),
          Map.of());

  private final HttpClient http;
  private final AzureTokens tokens;

  /**
   * @param environment of the process
   */
  AzureAccess(
      AzureConfig config,
      AzureCloud cloud,
      DiscoveryContext context,
      Map<String, String> environment)
      throws IOException {
    AzureAdConfig identity = identity(config, cloud, environment);
    this.http = new HttpClient(PLAIN, context.userAgent());
    this.tokens = new AzureTokens(identity, http, context.clock(), environment);
  }

  private static AzureAdConfig identity(
      AzureConfig config, AzureCloud cloud, Map<String, String> environment) throws IOException {
    String name = cloud.text();
    String scope = cloud.scope();
    return switch (config.method()) {
      case "ManagedIdentity" ->
          new AzureAdConfig(name, Method.MANAGED_IDENTITY, config.clientId(), "", "", "", scope);
      case "WorkloadIdentity" ->
          new AzureAdConfig(
              name,
              Method.WORKLOAD_IDENTITY,
              needed(environment, "AZURE_CLIENT_ID", "client ID"),
              "",
              needed(environment, "AZURE_TENANT_ID", "tenant ID"),
              needed(environment, "AZURE_FEDERATED_TOKEN_FILE", "token file"),
              scope);
      case "SDK" -> new AzureAdConfig(name, Method.SDK, "", "", config.tenantId(), "", scope);
      default ->
          new AzureAdConfig(
              name,
              Method.OAUTH,
              config.clientId(),
              config.clientSecret(),
              config.tenantId(),
              "",
              scope);
    };
  }

  private static String needed(Map<String, String> environment, String variable, String what)
      throws IOException {
    String value = environment.getOrDefault(variable, "");
    if (value.isEmpty()) {
      throw new IOException(
          "could not create Azure client: no "
              + what
              + " specified: "
              + variable
              + " is not in the environment");
    }
    return value;
  }

  /** The value of an Authorization header that is good now. */
  String header() throws IOException {
    return tokens.header();
  }

  @Override
  public void close() {
    http.close();
  }
}
