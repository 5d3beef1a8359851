package io.narthex.model.exposition;

import io.narthex.base.text.GoQuote;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which format a response is in, by its Content-Type and Prometheus' rules for the lack of one. */
public final class ContentTypes {

  private ContentTypes() {}

  /** A Content-Type that no parser is for; the message is Prometheus'. */
  public static final class UnsupportedContentType extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnsupportedContentType(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * The format of a page.
   *
   * @param contentType the header's value, or null or empty where there was none
   * @param fallback what to take a page for that says nothing, or nothing that is known
   * @throws UnsupportedContentType if neither helps
   */
  public static ExpositionFormat format(
      @Nullable String contentType, @Nullable ScrapeProtocol fallback) {
    if (contentType == null || contentType.isEmpty()) {
      if (fallback == null) {
        throw new UnsupportedContentType(
            "non-compliant scrape target sending blank Content-Type and no"
                + " fallback_scrape_protocol specified for target");
      }
      return of(fallback.mediaType());
    }
    String mediaType = mediaType(contentType);
    if (mediaType == null) {
      if (fallback == null) {
        throw new UnsupportedContentType(
            "cannot parse Content-Type "
                + GoQuote.quote(contentType)
                + " and no fallback_scrape_protocol for target");
      }
      return of(fallback.mediaType());
    }
    return switch (mediaType) {
      case "text/plain", "application/openmetrics-text", "application/vnd.google.protobuf" ->
          of(mediaType);
      default -> {
        if (fallback == null) {
          throw new UnsupportedContentType(
              "received unsupported Content-Type "
                  + GoQuote.quote(contentType)
                  + " and no fallback_scrape_protocol specified for target");
        }
        yield of(fallback.mediaType());
      }
    };
  }

  private static ExpositionFormat of(String mediaType) {
    return switch (mediaType) {
      case "text/plain" -> ExpositionFormat.TEXT;
      case "application/openmetrics-text" -> ExpositionFormat.OPENMETRICS;
      default -> ExpositionFormat.PROTOBUF;
    };
  }

  /** The media type in lower case, or null if it is none: {@code token/token} before any ';'. */
  private static @Nullable String mediaType(String contentType) {
    int semicolon = contentType.indexOf(';');
    String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
    type = type.strip().toLowerCase(Locale.ROOT);
    if (type.isEmpty() || type.startsWith("/") || type.endsWith("/")) {
      return null;
    }
    int slashes = 0;
    for (int i = 0; i < type.length(); i++) {
      char c = type.charAt(i);
      if (c == '/') {
        slashes++;
      } else if (c <= ' ' || c >= 0x7f || "()<>@,;:\\\"[]?=".indexOf(c) >= 0) {
        return null;
      }
    }
    return slashes <= 1 ? type : null;
  }
}
