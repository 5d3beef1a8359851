package io.narthex.remote.config;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * How tokens for Azure Monitor are obtained: by exactly one method.
 *
 * @param cloud {@code AzurePublic}, {@code AzureGovernment} or {@code AzureChina}
 * @param method the key of the method
 * @param settings its keys
 * @param scope the scope of the token, empty for the cloud's
 */
public record AzureAdConfig(
    String cloud, String method, Map<String, String> settings, String scope) {

  private static final List<String> CLOUDS =
      List.of("AzurePublic", "AzureGovernment", "AzureChina");
  private static final List<String> METHODS =
      List.of("managed_identity", "workload_identity", "oauth", "certificate", "sdk");
  private static final List<String> SECRETS =
      List.of("client_secret", "certificate", "certificate_password", "private_key");

  public AzureAdConfig {
    settings = Map.copyOf(settings);
  }

  /** Reads an {@code azuread} section. */
  public static AzureAdConfig decode(YamlValue value) {
    YamlMap map = value.map("azuread.plain");
    String cloud = map.text("cloud", "AzurePublic");
    String scope = map.text("scope", "");
    String method = "";
    Map<String, String> settings = Map.of();
    int given = 0;
    for (String key : METHODS) {
      Map<String, String> keys =
          map.optional(key, v -> v.mapOf("map[string]string", YamlValue::text));
      if (keys != null) {
        method = key;
        settings = keys;
        given++;
      }
    }
    map.finish();
    if (!CLOUDS.contains(cloud)) {
      throw map.error("cloud", "must provide a cloud in the Azure AD config");
    }
    if (given == 0) {
      throw value.error(
          "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth or Azure"
              + " SDK in the Azure AD config");
    }
    if (given > 1) {
      throw value.error("cannot provide multiple authentication methods in the Azure AD config");
    }
    AzureAdConfig config = new AzureAdConfig(cloud, method, settings, scope);
    String problem = config.problem();
    if (!problem.isEmpty()) {
      throw map.error(method, problem + " in the Azure AD config");
    }
    return config;
  }

  /** What is wrong with the method's keys; empty for nothing. */
  private String problem() {
    return switch (method) {
      case "managed_identity" -> {
        String id = settings.getOrDefault("client_id", "");
        yield id.isEmpty() || isUuid(id)
            ? ""
            : "the provided Azure Managed Identity client_id is invalid";
      }
      case "workload_identity" -> missing("Azure Workload Identity", "client_id", "tenant_id");
      case "oauth" -> missing("Azure OAuth", "client_id", "client_secret", "tenant_id");
      default -> "";
    };
  }

  private String missing(String name, String... keys) {
    for (String key : keys) {
      String text = settings.getOrDefault(key, "");
      if (text.isEmpty()) {
        return "must provide an " + name + " " + key;
      }
      if (key.equals("client_id") && !isUuid(text)) {
        return "the provided " + name + " client_id is invalid";
      }
    }
    return "";
  }

  private static boolean isUuid(String text) {
    try {
      return UUID.fromString(text).toString().equalsIgnoreCase(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  void write(YamlWriter.Map out) {
    out.put("cloud", cloud);
    out.map(
        method,
        keys ->
            new TreeMap<>(settings)
                .forEach((key, text) ->
                    keys.put(key, SECRETS.contains(key) ? YamlWriter.SECRET : text)));
    out.text("scope", scope);
  }
}
