package io.narthex.net.request;

import java.nio.charset.StandardCharsets;

/**
 * A whole answer, whatever its status.
 *
 * @param reason what stood behind the code, may be empty
 * @param body uncompressed
 */
@SuppressWarnings("ArrayRecordComponent") // Replies are not compared.
public record Reply(int status, String reason, Headers headers, byte[] body) {

  /** Whether the status is 2xx. */
  public boolean isOk() {
    return status / 100 == 2;
  }

  /** Code and reason, as messages show them. */
  public String statusText() {
    return reason.isEmpty() ? Integer.toString(status) : status + " " + reason;
  }

  /** The body as UTF-8. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
