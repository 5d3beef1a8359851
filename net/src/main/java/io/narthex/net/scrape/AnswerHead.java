package io.narthex.net.scrape;

import io.narthex.net.http.Statuses;
import io.narthex.net.http2.Head;
import org.jspecify.annotations.Nullable;

/** What the head of an answer says, as far as it means something here. Reusable. */
final class AnswerHead implements Head {

  private int status;
  private String statusText = "";
  private boolean gzip;
  private @Nullable String contentType;
  private @Nullable String location;

  /** HTTP/2 sends a code and no words: they are those that everybody knows. */
  @Override
  public void begin(int code) {
    begin(code, code == 200 ? "200 OK" : (code + " " + Statuses.text(code)).strip());
  }

  /** Forgets what was before. */
  void begin(int code, String text) {
    status = code;
    statusText = text;
    gzip = false;
    contentType = null;
    location = null;
  }

  @Override
  public void field(String name, String value) {
    switch (name) {
      case "location" -> location = value;
      case "content-type" -> contentType = value;
      case "content-encoding" -> gzip = value.equalsIgnoreCase("gzip");
      default -> {}
    }
  }

  int status() {
    return status;
  }

  /** Code and reason as they were sent. */
  String statusText() {
    return statusText;
  }

  /** Whether the body is packed. */
  boolean isGzip() {
    return gzip;
  }

  @Nullable String contentType() {
    return contentType;
  }

  @Nullable String location() {
    return location;
  }
}
