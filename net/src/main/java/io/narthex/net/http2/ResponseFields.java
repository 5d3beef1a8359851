package io.narthex.net.http2;

import io.narthex.base.text.GoQuote;
import org.jspecify.annotations.Nullable;

/**
 * Checks the fields of an answer (RFC 9113, sections 8.1 to 8.3) and hands them on; takes note of
 * the status and the length of the body, by which the connection goes.
 */
final class ResponseFields implements HeaderBlockDecoder.Fields {

  private final int stream;
  private final @Nullable Head into;
  private int status;
  private long length = -1;
  private boolean regular;

  /**
   * @param into what takes the head, or null if these are trailers, which nobody here asks for
   */
  ResponseFields(int stream, @Nullable Head into) {
    this.stream = stream;
    this.into = into;
  }

  /** The status; to be called when the block is over. */
  int status() throws Http2Exception {
    if (status == 0) {
      throw Http2Exception.unusable(
          ErrorCode.PROTOCOL_ERROR, "malformed response from server: missing status pseudo header");
    }
    return status;
  }

  /** The declared length of the body; -1 if there is none that can be read. */
  long length() {
    return length;
  }

  @Override
  public void field(String name, String value) throws Http2Exception {
    checkValue(name, value);
    if (name.startsWith(":")) {
      pseudo(name, value);
      return;
    }
    checkName(name);
    regular = true;
    Head head = into;
    if (head == null) {
      return;
    }
    // Fields without a status before them: what is wrong is found at the end of the block.
    if (status != 0) {
      if (name.equals("content-length")) {
        length = number(value);
      }
      head.field(name, value);
    }
  }

  private void pseudo(String name, String value) throws Http2Exception {
    Head head = into;
    if (regular) {
      throw Http2Exception.malformed(stream, "pseudo header field after regular");
    }
    if (!name.equals(":status") || head == null) {
      throw Http2Exception.malformed(stream, "invalid pseudo-header " + GoQuote.quote(name));
    }
    if (status != 0) {
      throw Http2Exception.malformed(stream, "duplicate pseudo-header " + GoQuote.quote(name));
    }
    long code = value.length() == 3 ? number(value) : -1;
    if (code < 100) {
      throw Http2Exception.unusable(
          ErrorCode.PROTOCOL_ERROR,
          "malformed response from server: malformed non-numeric status pseudo header");
    }
    status = (int) code;
    head.begin(status);
  }

  private void checkName(String name) throws Http2Exception {
    boolean good = !name.isEmpty();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      good &= c > ' ' && c < 0x7f && c != ':' && (c < 'A' || c > 'Z');
    }
    if (!good) {
      throw Http2Exception.malformed(stream, "invalid header field name " + GoQuote.quote(name));
    }
  }

  private void checkValue(String name, String value) throws Http2Exception {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == 0 || c == '\n' || c == '\r') {
        throw Http2Exception.malformed(
            stream, "invalid header field value for " + GoQuote.quote(name));
      }
    }
  }

  /** Digits as a number; -1 if it is none. */
  private static long number(String digits) {
    long number = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9 || i > 17) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return digits.isEmpty() ? -1 : number;
  }
}
