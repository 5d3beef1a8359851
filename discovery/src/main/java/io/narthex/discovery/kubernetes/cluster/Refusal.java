package io.narthex.discovery.kubernetes.cluster;

import io.narthex.base.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The API server answered, and the answer is no. */
final class Refusal extends IOException {

  private static final long serialVersionUID = 1;

  private static final int GONE = 410;
  private static final int BUSY = 429;

  private final int status;

  private Refusal(int status, String message) {
    super(message);
    this.status = status;
  }

  /** One from an answer that is no success. */
  static Refusal of(String what, int status, String body) {
    String message = "";
    try {
      message = JsonValue.parse(body.getBytes(StandardCharsets.UTF_8)).text("message");
    } catch (IOException e) {
      // No Status object: a proxy has answered. What it says is shown as it is.
      message = body.strip();
    }
    String shown = message.length() <= 300 ? message : message.substring(0, 300) + "...";
    return new Refusal(
        status,
        what + ": server returned HTTP status " + status + (shown.isEmpty() ? "" : ": " + shown));
  }

  /** One from an event of a watch. */
  static Refusal of(String what, JsonValue status) throws IOException {
    return new Refusal(
        (int) status.whole("code"), what + ": the watch was ended: " + status.text("message"));
  }

  /** Whether what was asked for is too old, so that all must be listed again. */
  boolean isGone() {
    return status == GONE;
  }

  /** Whether it is only a matter of time. */
  boolean isBusy() {
    return status == BUSY;
  }
}
