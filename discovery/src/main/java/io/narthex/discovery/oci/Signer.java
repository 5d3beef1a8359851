package io.narthex.discovery.oci;

import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Signs requests as Oracle's cloud wants it: version 1 of its "Request Signatures", which is
 * draft-cavage-http-signatures-08 with RSA and SHA-256.
 *
 * @param keyId whose key it is
 * @param key an RSA key
 */
record Signer(String keyId, PrivateKey key) {

  /** As RFC 9110, section 5.6.7 prescribes; the JDK's own formatter omits a day's zero. */
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** A request with its date and its signature; a body is signed as well. */
  Request sign(Request request, long nowMillis) throws IOException {
    HttpUrl url = request.url();
    String date = DATE.format(Instant.ofEpochMilli(nowMillis));
    Map<String, String> signed = new LinkedHashMap<>();
    signed.put("date", date);
    signed.put("(request-target)", request.method().toLowerCase(Locale.ROOT) + " " + url.target());
    signed.put("host", url.authority());
    Request dated = request.header("Date", date);
    if (request.method().equals("POST")) {
      String digest = Base64.getEncoder().encodeToString(sha256(request.body()));
      signed.put("content-length", Integer.toString(request.body().length));
      signed.put("content-type", "application/json");
      signed.put("x-content-sha256", digest);
      dated = dated.header("X-Content-Sha256", digest);
    }
    return dated.header("Authorization", authorization(signed));
  }

  private String authorization(Map<String, String> signed) throws IOException {
    String text =
        signed.entrySet().stream()
            .map(header -> header.getKey() + ": " + header.getValue())
            .collect(Collectors.joining("\n"));
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      return "Signature version=\"1\",headers=\""
          + String.join(" ", signed.keySet())
          + "\",keyId=\""
          + keyId
          + "\",algorithm=\"rsa-sha256\",signature=\""
          + Base64.getEncoder().encodeToString(signature.sign())
          + "\"";
    } catch (GeneralSecurityException e) {
      throw new IOException("oci_sd: cannot sign the request: " + e.getMessage(), e);
    }
  }

  private static byte[] sha256(byte[] body) throws IOException {
    try {
      return MessageDigest.getInstance("SHA-256").digest(body);
    } catch (GeneralSecurityException e) {
      throw new IOException("oci_sd: cannot sign the request: " + e.getMessage(), e);
    }
  }
}
