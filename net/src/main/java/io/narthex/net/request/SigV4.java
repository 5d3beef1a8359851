package io.narthex.net.request;

import io.narthex.net.connect.HttpUrl;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests to AWS: Signature Version 4, as "Signing AWS API requests" in the IAM User Guide
 * describes it, for services other than S3 (whose paths are escaped once instead of twice).
 */
public final class SigV4 {

  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private SigV4() {}

  /**
   * What a request is signed with.
   *
   * @param session the token of temporary keys, or empty
   */
  public record Keys(String access, String secret, String session) {

    /** Without the secrets. */
    @Override
    public String toString() {
      return "Keys[" + access + "]";
    }
  }

  /**
   * The request with its signature; nothing that is signed may be changed afterwards.
   *
   * @param millis now, since the Unix epoch
   */
  public static Request signed(
      Request request, Keys keys, String region, String service, long millis) {
    String hash = hex(sha256(request.body()));
    String time = TIME.format(Instant.ofEpochMilli(millis));
    Request out = request.header("X-Amz-Date", time).header("X-Amz-Content-Sha256", hash);
    if (!keys.session.isEmpty()) {
      out = out.header("X-Amz-Security-Token", keys.session);
    }
    Map<String, String> headers = new TreeMap<>();
    headers.put("host", request.url().authority());
    for (Request.Header header : out.headers()) {
      String name = header.name().toLowerCase(Locale.ROOT);
      if (name.startsWith("x-amz-") || name.equals("content-type")) {
        headers.merge(name, header.value().strip(), (a, b) -> a + "," + b);
      }
    }
    return out.header(
        "Authorization",
        authorization(request.method(), request.url(), headers, hash, keys, region, service, time));
  }

  /**
   * @param headers those that are signed, by their names in lower case, in order
   */
  static String authorization(
      String method,
      HttpUrl url,
      Map<String, String> headers,
      String bodyHash,
      Keys keys,
      String region,
      String service,
      String time) {
    int mark = url.target().indexOf('?');
    String path = mark < 0 ? url.target() : url.target().substring(0, mark);
    StringBuilder canonical = new StringBuilder(method).append('\n');
    canonical.append(escaped(path, true)).append('\n');
    canonical.append(mark < 0 ? "" : query(url.target().substring(mark + 1))).append('\n');
    headers.forEach((name, value) -> canonical.append(name).append(':').append(value).append('\n'));
    String names = String.join(";", headers.keySet());
    canonical.append('\n').append(names).append('\n').append(bodyHash);
    String day = time.substring(0, 8);
    String scope = day + "/" + region + "/" + service + "/aws4_request";
    String toSign =
        ALGORITHM + "\n" + time + "\n" + scope + "\n" + hex(sha256(bytes(canonical.toString())));
    byte[] key = hmac(bytes("AWS4" + keys.secret), day);
    for (String step : List.of(region, service, "aws4_request")) {
      key = hmac(key, step);
    }
    return ALGORITHM
        + " Credential="
        + keys.access
        + "/"
        + scope
        + ", SignedHeaders="
        + names
        + ", Signature="
        + hex(hmac(key, toSign));
  }

  private static String query(String query) {
    List<String> pairs = new ArrayList<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      if (!pair.isEmpty()) {
        pairs.add(
            escaped(URLDecoder.decode(name, StandardCharsets.UTF_8), false)
                + "="
                + escaped(URLDecoder.decode(value, StandardCharsets.UTF_8), false));
      }
    }
    pairs.sort(null);
    StringJoiner out = new StringJoiner("&");
    pairs.forEach(out::add);
    return out.toString();
  }

  private static String escaped(String text, boolean slashStays) {
    StringBuilder out = new StringBuilder();
    for (byte b : bytes(text)) {
      char c = (char) (b & 0xff);
      boolean letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
      boolean digit = c >= '0' && c <= '9';
      if (letter || digit || "-._~".indexOf(c) >= 0 || (slashStays && c == '/')) {
        out.append(c);
      } else {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return out.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
