package io.narthex.net.client;

import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.util.List;

/**
 * How to prove who we are to Azure. Empty where not given.
 *
 * @param cloud AzurePublic, AzureGovernment or AzureChina
 * @param method which of the others holds
 * @param clientId of the application or the identity
 * @param tokenFile of a workload identity, read for every token
 * @param scope instead of the cloud's own
 */
public record AzureAdConfig(
    String cloud,
    Method method,
    String clientId,
    String clientSecret,
    String tenantId,
    String tokenFile,
    String scope) {

  /** How a token is had. */
  public enum Method {
    /** The machine's own identity. */
    MANAGED_IDENTITY,
    /** A token of Kubernetes is exchanged. */
    WORKLOAD_IDENTITY,
    /** An application with a secret. */
    OAUTH,
    /** Whatever the environment offers, in the order of Azure's libraries. */
    SDK
  }

  private static final List<String> CLOUDS =
      List.of("AzureChina", "AzureGovernment", "AzurePublic");

  /** Where the webhook for workload identities mounts the token. */
  private static final String TOKEN_FILE = "/var/run/secrets/azure/tokens/azure-identity-token";

  /** Reads an {@code azuread} section. */
  public static AzureAdConfig decode(YamlValue value) {
    YamlMap map = value.map("azuread.plain");
    String cloud = map.value("cloud", "AzurePublic", AzureAdConfig::cloud);
    String scope = map.text("scope", "");
    AzureAdConfig managed = map.optional("managed_identity", v -> one(v, Method.MANAGED_IDENTITY));
    AzureAdConfig workload =
        map.optional("workload_identity", v -> one(v, Method.WORKLOAD_IDENTITY));
    AzureAdConfig oauth = map.optional("oauth", v -> one(v, Method.OAUTH));
    AzureAdConfig sdk = map.optional("sdk", v -> one(v, Method.SDK));
    map.notYet("certificate");
    map.finish();
    AzureAdConfig found = null;
    for (AzureAdConfig one : new AzureAdConfig[] {managed, workload, oauth, sdk}) {
      if (one != null && found != null) {
        throw value.error("cannot provide multiple authentication methods in the Azure AD config");
      }
      found = one == null ? found : one;
    }
    if (!CLOUDS.contains(cloud)) {
      throw value.error("must provide a cloud in the Azure AD config");
    }
    if (found == null) {
      throw value.error(
          "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth or Azure"
              + " SDK in the Azure AD config");
    }
    if (!scope.chars().allMatch(c -> isPlain(c) || c == '/' || c == ':' || c == '_')) {
      throw value.error("the provided scope contains invalid characters");
    }
    return new AzureAdConfig(
        cloud,
        found.method,
        found.clientId,
        found.clientSecret,
        found.tenantId,
        found.tokenFile,
        scope);
  }

  private static String cloud(YamlValue value) {
    String cloud = value.text();
    if (cloud.equals("AzureCustom")) {
      throw value.notYet("cloud AzureCustom");
    }
    return cloud;
  }

  private static AzureAdConfig one(YamlValue value, Method method) {
    YamlMap map = value.map("azuread.plain");
    String what =
        switch (method) {
          case MANAGED_IDENTITY -> "Managed Identity";
          case WORKLOAD_IDENTITY -> "Workload Identity";
          case OAUTH, SDK -> "OAuth";
        };
    boolean hasTenant = method != Method.MANAGED_IDENTITY;
    boolean hasClient = method != Method.SDK;
    AzureAdConfig one =
        new AzureAdConfig(
            "",
            method,
            hasClient ? map.text("client_id", "") : "",
            method == Method.OAUTH ? map.text("client_secret", "") : "",
            hasTenant ? map.text("tenant_id", "") : "",
            method == Method.WORKLOAD_IDENTITY ? map.text("token_file_path", TOKEN_FILE) : "",
            "");
    map.finish();
    boolean needsClient = method == Method.WORKLOAD_IDENTITY || method == Method.OAUTH;
    if (needsClient && one.clientId.isEmpty()) {
      throw missing(value, what, "client_id");
    }
    if (method == Method.OAUTH && one.clientSecret.isEmpty()) {
      throw missing(value, what, "client_secret");
    }
    if (needsClient && one.tenantId.isEmpty()) {
      throw missing(value, what, "tenant_id");
    }
    if (!one.clientId.isEmpty() && !isUuid(one.clientId)) {
      throw value.error("the provided Azure " + what + " client_id is invalid");
    }
    if (!one.tenantId.chars().allMatch(AzureAdConfig::isPlain)) {
      throw value.error("the provided Azure " + what + " tenant_id is invalid");
    }
    return one;
  }

  private static YamlException missing(YamlValue value, String what, String key) {
    return value.error("must provide an Azure " + what + " " + key + " in the Azure AD config");
  }

  private static boolean isPlain(int c) {
    return (c >= '0' && c <= '9')
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || c == '-'
        || c == '.';
  }

  private static boolean isUuid(String text) {
    if (text.length() != 36) {
      return false;
    }
    for (int i = 0; i < 36; i++) {
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? text.charAt(i) != '-' : Character.digit(text.charAt(i), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Writes the keys. */
  public void write(YamlWriter.Map out) {
    String section =
        switch (method) {
          case MANAGED_IDENTITY -> "managed_identity";
          case WORKLOAD_IDENTITY -> "workload_identity";
          case OAUTH -> "oauth";
          case SDK -> "sdk";
        };
    out.map(
        section,
        inner -> {
          inner.text("client_id", clientId);
          inner.secret("client_secret", clientSecret);
          inner.text("tenant_id", tenantId);
          inner.text("token_file_path", tokenFile);
        });
    out.text("cloud", cloud);
    out.text("scope", scope);
  }
}
