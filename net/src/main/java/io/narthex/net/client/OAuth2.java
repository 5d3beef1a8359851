package io.narthex.net.client;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tokens that are fetched from an OAuth 2.0 server. Empty where not given.
 *
 * @param clientSecretFile read again when it changes
 * @param keyId the {@code kid} of an assertion
 * @param key the RSA key that signs assertions, PEM
 * @param keyFile the same in a file, read again when it changes
 * @param grantType {@link #JWT_BEARER}, or anything else for client credentials
 * @param signatureAlgorithm RS256, RS384 or RS512
 * @param iss the issuer of an assertion; the client's id if empty
 * @param audience of an assertion; the token URL if empty
 * @param claims further claims of an assertion
 * @param endpointParams further fields of the request for a token
 * @param tls TLS towards the token server
 * @param proxy the way to the token server
 */
public record OAuth2(
    String clientId,
    String clientSecret,
    String clientSecretFile,
    String keyId,
    String key,
    String keyFile,
    String grantType,
    String signatureAlgorithm,
    String iss,
    String audience,
    Map<String, Object> claims,
    List<String> scopes,
    String tokenUrl,
    Map<String, String> endpointParams,
    TlsConfig tls,
    ProxyConfig proxy) {

  /** The grant of RFC 7523: a signed assertion instead of a secret. */
  public static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

  private static final List<String> ALGORITHMS = List.of("RS256", "RS384", "RS512");

  public OAuth2 {
    claims = Map.copyOf(claims);
    scopes = List.copyOf(scopes);
    endpointParams = Map.copyOf(endpointParams);
  }

  /** A client with a secret, and nothing else set. */
  public static OAuth2 ofSecret(String clientId, String clientSecret, String tokenUrl) {
    return new OAuth2(
        clientId,
        clientSecret,
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        Map.of(),
        List.of(),
        tokenUrl,
        Map.of(),
        TlsConfig.DEFAULT,
        ProxyConfig.NONE);
  }

  /** Whether an assertion is signed instead of a secret shown. */
  public boolean isJwtBearer() {
    return grantType.equals(JWT_BEARER);
  }

  static OAuth2 decode(YamlValue value) {
    YamlMap map = value.map("config.plain");
    OAuth2 oauth2 =
        new OAuth2(
            map.text("client_id", ""),
            map.text("client_secret", ""),
            map.file("client_secret_file"),
            map.text("client_certificate_key_id", ""),
            map.text("client_certificate_key", ""),
            map.file("client_certificate_key_file"),
            map.text("grant_type", ""),
            map.text("signature_algorithm", ""),
            map.text("iss", ""),
            map.text("audience", ""),
            map.value("claims", Map.of(), v -> v.mapOf("map[string]interface {}", OAuth2::claim)),
            map.texts("scopes"),
            map.text("token_url", ""),
            map.value(
                "endpoint_params", Map.of(), v -> v.mapOf("map[string]string", YamlValue::text)),
            map.value("tls_config", TlsConfig.DEFAULT, TlsConfig::decode),
            ProxyConfig.read(map));
    map.notYet("client_secret_ref", "client_certificate_key_ref");
    map.finish();
    return oauth2;
  }

  /** A number or truth value as such, anything else as text. */
  private static Object claim(YamlValue value) {
    String text = value.text();
    if (text.equals("true") || text.equals("false")) {
      return value.bool();
    }
    boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits && text.length() < 18 ? (Object) value.unsigned() : text;
  }

  /** What is wrong with it; empty for nothing. */
  String problem() {
    if (clientId.isEmpty()) {
      return "oauth2 client_id must be configured";
    }
    if (tokenUrl.isEmpty()) {
      return "oauth2 token_url must be configured";
    }
    if (isJwtBearer()) {
      if (!key.isEmpty() && !keyFile.isEmpty()) {
        return "at most one of oauth2 client_certificate_key, client_certificate_key_file &"
            + " client_certificate_key_ref must be configured using grant-type="
            + JWT_BEARER;
      }
      if (!signatureAlgorithm.isEmpty() && !ALGORITHMS.contains(signatureAlgorithm)) {
        return "valid signature algorithms are RS256, RS384 and RS512";
      }
    } else if (!clientSecret.isEmpty() && !clientSecretFile.isEmpty()) {
      return "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be"
          + " configured";
    }
    return proxy.problem();
  }

  void write(YamlWriter.Map out) {
    out.put("client_id", clientId);
    if (clientSecret.isEmpty()) {
      out.put("client_secret", "");
    } else {
      out.secret("client_secret", clientSecret);
    }
    out.put("client_secret_file", clientSecretFile);
    out.put("client_secret_ref", "");
    out.text("client_certificate_key_id", keyId);
    out.secret("client_certificate_key", key);
    out.text("client_certificate_key_file", keyFile);
    out.text("grant_type", grantType);
    out.text("signature_algorithm", signatureAlgorithm);
    out.text("iss", iss);
    out.text("audience", audience);
    if (!claims.isEmpty()) {
      out.map(
          "claims",
          all -> new TreeMap<>(claims).forEach((name, claim) -> all.put(name, claim.toString())));
    }
    out.texts("scopes", scopes);
    out.put("token_url", tokenUrl);
    out.textMap("endpoint_params", new TreeMap<>(endpointParams));
    out.mapIfAny("tls_config", tls::write);
    proxy.write(out);
  }
}
