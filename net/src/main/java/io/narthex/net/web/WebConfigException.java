package io.narthex.net.web;

import java.io.IOException;

/** A web configuration that cannot be used; the message says why, in one line. */
public final class WebConfigException extends IOException {

  private static final long serialVersionUID = 1;

  WebConfigException(String message) {
    super(message);
  }

  WebConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
