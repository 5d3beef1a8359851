package io.narthex.net.request;

import io.narthex.base.json.JsonWriter;
import io.narthex.net.client.OAuth2;
import io.narthex.net.secret.Pem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** A signed JSON Web Token (RFC 7519, RFC 7515) that asks for a token of OAuth 2.0 (RFC 7523). */
final class Assertion {

  private static final long LIFE_SECONDS = 600;

  private Assertion() {}

  static String signed(OAuth2 config, String key, long nowMillis) throws IOException {
    String name = config.signatureAlgorithm().isEmpty() ? "RS256" : config.signatureAlgorithm();
    Map<String, Object> header = new TreeMap<>(Map.of("alg", name, "typ", "JWT"));
    if (!config.keyId().isEmpty()) {
      header.put("kid", config.keyId());
    }
    long now = nowMillis / 1000;
    Map<String, Object> claims = new TreeMap<>();
    claims.put("iss", config.iss().isEmpty() ? config.clientId() : config.iss());
    if (!config.clientId().isEmpty()) {
      claims.put("sub", config.clientId());
    }
    claims.put("jti", UUID.randomUUID().toString());
    claims.put("aud", config.audience().isEmpty() ? config.tokenUrl() : config.audience());
    claims.put("iat", now);
    claims.put("exp", now + LIFE_SECONDS);
    if (!config.scopes().isEmpty()) {
      claims.put("scope", String.join(" ", config.scopes()));
    }
    claims.putAll(config.claims());
    String text = encoded(json(header)) + "." + encoded(json(claims));
    try {
      PrivateKey secret = Pem.key(key.getBytes(StandardCharsets.UTF_8));
      Signature signature = Signature.getInstance("SHA" + name.substring(2) + "withRSA");
      signature.initSign(secret);
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return text + "." + encoded(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IOException("oauth2: cannot sign the assertion: " + e.getMessage(), e);
    }
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] json(Map<String, Object> fields) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonWriter json = new JsonWriter(out);
    json.beginObject();
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      json.name(field.getKey());
      switch (field.getValue()) {
        case Long number -> json.number(number.longValue());
        case Boolean truth -> json.bool(truth);
        default -> json.string(field.getValue().toString());
      }
    }
    json.endObject();
    json.flush();
    return out.toByteArray();
  }
}
