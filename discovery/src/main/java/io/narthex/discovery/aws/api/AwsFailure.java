package io.narthex.discovery.aws.api;

import io.narthex.base.json.JsonValue;
import io.narthex.net.request.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** A service refused a request. */
public final class AwsFailure extends IOException {

  private static final long serialVersionUID = 1;
  private static final int SHOWN = 200;

  private static final Set<String> BUSY =
      Set.of(
          "Throttling",
          "ThrottlingException",
          "ThrottledException",
          "RequestThrottled",
          "RequestThrottledException",
          "RequestLimitExceeded",
          "TooManyRequestsException",
          "BandwidthLimitExceeded",
          "PriorRequestNotComplete",
          "SlowDown");

  private final int status;
  private final String code;

  private AwsFailure(int status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The name of the reason, as {@code UnauthorizedOperation}; empty if none was given. */
  public String code() {
    return code;
  }

  /** Whether the same request may do better a moment later. */
  boolean isPassing() {
    return status >= 500 || status == 429 || BUSY.contains(code);
  }

  /** Whether it is about who asks, so that other keys may do better. */
  boolean isAboutKeys() {
    return status == 401
        || status == 403
        || code.equals("AuthFailure")
        || code.equals("UnrecognizedClientException")
        || code.startsWith("ExpiredToken")
        || code.startsWith("InvalidClientTokenId");
  }

  /** A type may have a namespace in front, and an address behind. */
  private static String named(String type) {
    return type.substring(type.indexOf('#') + 1).replaceFirst(":.*", "");
  }

  /**
   * Reads a refusal: XML with an element {@code Error}, JSON with {@code __type} or a header that
   * names the type, or any text.
   */
  static AwsFailure of(String asked, Reply reply) {
    String type = reply.headers().first("x-amzn-ErrorType");
    String code = type == null ? "" : named(type);
    String message = "";
    try {
      if (reply.text().stripLeading().startsWith("<")) {
        Xml root = Xml.parse(reply.body());
        Xml error = root.has("Errors") ? root.get("Errors/Error") : root.get("Error");
        code = error.text("Code");
        message = error.text("Message");
      } else {
        JsonValue root = JsonValue.parse(reply.body());
        code = type == null ? named(root.text("__type")) : code;
        message = root.text("message").isEmpty() ? root.text("Message") : root.text("message");
      }
    } catch (IOException e) {
      // Something else than the service answered, a proxy perhaps: its words must do.
      message = "";
    }
    if (code.isEmpty() && message.isEmpty()) {
      String text = new String(reply.body(), StandardCharsets.UTF_8).strip();
      message = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }
    StringBuilder all = new StringBuilder(asked).append(": ").append(reply.statusText());
    if (!code.isEmpty()) {
      all.append(": ").append(code);
    }
    if (!message.isEmpty()) {
      all.append(": ").append(message);
    }
    return new AwsFailure(reply.status(), code, all.toString());
  }
}
