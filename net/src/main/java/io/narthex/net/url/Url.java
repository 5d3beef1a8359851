package io.narthex.net.url;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlValue;
import java.util.Locale;

/**
 * A URL as far as checks look into it, taken apart as Go's net/url does it: nearly anything is a
 * URL there, if only a relative one.
 *
 * @param scheme in lower case, empty for none
 * @param host host and port, empty for none
 */
public record Url(String scheme, String host) {

  /**
   * Takes a URL apart.
   *
   * @throws io.narthex.base.yaml.YamlException if it is none
   */
  public static Url parse(YamlValue value, String text) {
    String problem = problem(text);
    if (!problem.isEmpty()) {
      throw value.error(problem);
    }
    int colon = schemeEnd(text);
    String rest = text.substring(colon + 1);
    String host = "";
    if (rest.startsWith("//")) {
      int end = 2;
      while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
        end++;
      }
      String authority = rest.substring(2, end);
      host = authority.substring(authority.lastIndexOf('@') + 1);
    }
    return new Url(colon < 0 ? "" : text.substring(0, colon).toLowerCase(Locale.ROOT), host);
  }

  /** Checks that a URL is there and can be asked over HTTP. */
  public static void checkHttp(YamlValue value, String text) {
    if (text.isEmpty()) {
      throw value.error("URL is missing");
    }
    Url url = parse(value, text);
    if (!url.scheme.equals("http") && !url.scheme.equals("https")) {
      throw value.error("URL scheme must be 'http' or 'https'");
    }
    if (url.host.isEmpty()) {
      throw value.error("host is missing in URL");
    }
  }

  /** What is wrong with a text as a URL, in Go's words; empty for nothing. */
  public static String problem(String text) {
    String fault = fault(text);
    return fault.isEmpty() ? "" : "parse " + GoQuote.quote(text) + ": " + fault;
  }

  private static String fault(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) == 0x7f) {
        return "net/url: invalid control character in URL";
      }
    }
    if (text.startsWith(":")) {
      return "missing protocol scheme";
    }
    int colon = schemeEnd(text);
    String rest = text.substring(colon + 1);
    int slash = rest.indexOf('/');
    String first = slash < 0 ? rest : rest.substring(0, slash);
    if (colon < 0 && first.contains(":") && !first.contains("?")) {
      return "first path segment in URL cannot contain colon";
    }
    if (rest.startsWith("//")) {
      int end = 2;
      while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
        end++;
      }
      String authority = rest.substring(2, end);
      if (authority.indexOf(' ') >= 0) {
        return "invalid character \" \" in host name";
      }
      String host = authority.substring(authority.lastIndexOf('@') + 1);
      int port = host.lastIndexOf(':');
      if (port > host.lastIndexOf(']')
          && !host.substring(port + 1).chars().allMatch(c -> c >= '0' && c <= '9')) {
        return "invalid port " + GoQuote.quote(host.substring(port)) + " after host";
      }
    }
    return "";
  }

  /** The place of the colon behind the scheme, or -1. */
  private static int schemeEnd(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      if (c == ':') {
        return i > 0 ? i : -1;
      }
      if (!letter && !(other && i > 0)) {
        return -1;
      }
    }
    return -1;
  }

  /**
   * Reads a URL as text.
   *
   * @throws io.narthex.base.yaml.YamlException if it is none
   */
  public static String decode(YamlValue value) {
    String text = value.text();
    parse(value, text);
    return text;
  }

  /** The URL as it may be shown: without its password. */
  public static String redacted(String url) {
    int from = url.indexOf("://");
    int at = url.indexOf('@');
    int colon = from < 0 ? -1 : url.indexOf(':', from + 3);
    return colon < 0 || at < colon
        ? url
        : url.substring(0, colon + 1) + "xxxxx" + url.substring(at);
  }
}
