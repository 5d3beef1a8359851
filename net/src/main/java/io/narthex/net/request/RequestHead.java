package io.narthex.net.request;

import io.narthex.net.connect.HttpUrl;
import io.narthex.net.connect.Link;

/** Writes the head of a request, as HTTP/1.1 has it; for HTTP/2 it is translated. */
final class RequestHead {

  private RequestHead() {}

  /**
   * The request line and the headers, with the empty line behind them.
   *
   * @param lines of the credentials, each with its end
   */
  static String text(Request request, String userAgent, String lines, Link link) {
    HttpUrl url = request.url();
    StringBuilder head = new StringBuilder(256);
    head.append(request.method()).append(' ');
    head.append(link.isToProxy() ? url.text() : url.target());
    head.append(" HTTP/1.1\r\nHost: ").append(url.authority()).append("\r\n");
    if (!request.has("User-Agent")) {
      head.append("User-Agent: ").append(userAgent).append("\r\n");
    }
    for (Request.Header header : request.headers()) {
      head.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    head.append(lines);
    if (link.isToProxy() && !link.proxyAuthorization().isEmpty()) {
      head.append("Proxy-Authorization: ").append(link.proxyAuthorization()).append("\r\n");
    }
    if (!request.has("Accept-Encoding")) {
      head.append("Accept-Encoding: gzip\r\n");
    }
    if (sendsLength(request)) {
      head.append("Content-Length: ").append(request.body().length).append("\r\n");
    }
    return head.append("\r\n").toString();
  }

  private static boolean sendsLength(Request request) {
    return switch (request.method()) {
      case "POST", "PUT", "PATCH" -> true;
      default -> request.body().length > 0;
    };
  }
}
