package io.narthex.net.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request line and the headers of a request, as RFC 9112 has them. What could be read in two
 * ways (a folded header, two lengths, a length beside chunks) is refused.
 *
 * @param rawPath the path as it was sent, one byte per char
 * @param rawQuery the text behind the question mark, one byte per char
 * @param http11 whether the client speaks HTTP/1.1 (or 1.0)
 * @param length the length of the body, or -1 if it comes in chunks
 */
record RequestHead(
    String method,
    String rawPath,
    String rawQuery,
    boolean http11,
    long length,
    boolean keepAlive,
    boolean expectsContinue,
    List<Field> fields) {

  record Field(String name, String value) {}

  /** The first value of a header, or null. */
  @Nullable String first(String name) {
    for (Field field : fields) {
      if (field.name.equalsIgnoreCase(name)) {
        return field.value;
      }
    }
    return null;
  }

  /** The same request, answered on a connection that ends with it. */
  RequestHead withoutKeepAlive() {
    return new RequestHead(
        method, rawPath, rawQuery, http11, length, false, expectsContinue, fields);
  }

  static RequestHead read(ConnectionInput input) throws IOException, Refusal {
    int left = ConnectionInput.MAX_HEAD;
    String line = input.line(left, 431);
    if (line.isEmpty()) {
      line = input.line(left, 431);
    }
    left -= line.length();
    int first = line.indexOf(' ');
    int second = line.indexOf(' ', first + 1);
    if (first <= 0 || second < 0 || !isToken(line, first)) {
      throw new Refusal(400, "");
    }
    String method = line.substring(0, first);
    String version = line.substring(second + 1);
    boolean http11 = version.equals("HTTP/1.1");
    if (!http11 && !version.equals("HTTP/1.0")) {
      throw version.startsWith("HTTP/")
          ? new Refusal(505, "unsupported protocol version")
          : new Refusal(400, "malformed HTTP version \"" + printable(version) + "\"");
    }
    String target = target(line.substring(first + 1, second));
    List<Field> fields = new ArrayList<>();
    while (true) {
      String field = input.line(left, 431);
      if (field.isEmpty()) {
        break;
      }
      left -= field.length() + 2;
      if (left <= 0) {
        throw new Refusal(431, "");
      }
      fields.add(field(field));
    }
    return of(method, target, http11, fields);
  }

  private static String printable(String text) {
    return text.replaceAll("[^ -~]", "?");
  }

  /** The path and query of any form of target. */
  private static String target(String target) throws Refusal {
    if (target.startsWith("/")) {
      return target;
    }
    if (target.equals("*")) {
      return "/*";
    }
    int scheme = target.indexOf("://");
    if (scheme <= 0) {
      throw new Refusal(400, "");
    }
    int path = target.indexOf('/', scheme + 3);
    int query = target.indexOf('?', scheme + 3);
    if (path >= 0 && (query < 0 || path < query)) {
      return target.substring(path);
    }
    return query < 0 ? "/" : "/" + target.substring(query);
  }

  private static Field field(String line) throws Refusal {
    int colon = line.indexOf(':');
    if (colon <= 0 || !isToken(line, colon)) {
      throw new Refusal(400, "");
    }
    String value = line.substring(colon + 1).strip();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f) {
        throw new Refusal(400, "invalid header value");
      }
    }
    byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
    return new Field(line.substring(0, colon), new String(bytes, StandardCharsets.UTF_8));
  }

  private static boolean isToken(String text, int length) {
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      boolean alphanumeric =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static RequestHead of(String method, String target, boolean http11, List<Field> fields)
      throws Refusal {
    int hosts = 0;
    boolean chunked = false;
    boolean close = !http11;
    boolean expects = false;
    long length = -1;
    for (Field field : fields) {
      String value = field.value;
      switch (field.name.toLowerCase(java.util.Locale.ROOT)) {
        case "host" -> hosts++;
        case "transfer-encoding" -> {
          if (chunked || !value.equalsIgnoreCase("chunked")) {
            throw new Refusal(501, "unsupported transfer encoding");
          }
          chunked = true;
        }
        case "content-length" -> {
          long here = length(value);
          if (length >= 0 && here != length) {
            throw new Refusal(400, "");
          }
          length = here;
        }
        case "connection" -> {
          for (String option : value.split(",", -1)) {
            close |= option.strip().equalsIgnoreCase("close");
            close &= !(!http11 && option.strip().equalsIgnoreCase("keep-alive"));
          }
        }
        case "expect" -> {
          if (!value.equalsIgnoreCase("100-continue")) {
            throw new Refusal(417, "");
          }
          expects = http11;
        }
        default -> {}
      }
    }
    if (http11 && hosts == 0) {
      throw new Refusal(400, "missing required Host header");
    }
    if (hosts > 1) {
      throw new Refusal(400, "too many Host headers");
    }
    if (chunked && (length >= 0 || !http11)) {
      throw new Refusal(400, "");
    }
    int question = target.indexOf('?');
    return new RequestHead(
        method,
        question < 0 ? target : target.substring(0, question),
        question < 0 ? "" : target.substring(question + 1),
        http11,
        chunked ? -1 : Math.max(0, length),
        !close,
        expects,
        List.copyOf(fields));
  }

  private static long length(String value) throws Refusal {
    boolean digits = !value.isEmpty() && value.length() <= 18;
    for (int i = 0; i < value.length(); i++) {
      digits &= value.charAt(i) >= '0' && value.charAt(i) <= '9';
    }
    if (!digits) {
      throw new Refusal(400, "");
    }
    return Long.parseLong(value);
  }
}
