package io.narthex.discovery.refresh;

import io.narthex.net.request.Request;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A name and a password that stand in a URL, as in {@code http://name:password@host}. Go's client
 * sends them, so many configurations have them there; a URL that is asked has lost them.
 */
public final class UserInfo {

  private UserInfo() {}

  /**
   * The request with what stands in the URL it was made of. As in Go it wins over what the
   * configuration says besides.
   */
  public static Request added(Request request, String url) {
    int from = url.indexOf("://") + 3;
    int end = from;
    while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
      end++;
    }
    int at = url.substring(0, end).lastIndexOf('@');
    if (at < from) {
      return request;
    }
    String both = url.substring(from, at);
    int colon = both.indexOf(':');
    String name = colon < 0 ? both : both.substring(0, colon);
    String password = colon < 0 ? "" : both.substring(colon + 1);
    String pair = decoded(name) + ":" + decoded(password);
    return request.header(
        "Authorization",
        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
  }

  /** A plus sign stands for itself here. */
  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
