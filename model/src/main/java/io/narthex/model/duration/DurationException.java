package io.narthex.model.duration;

/** A text that is no duration or size; the message says what is wrong with it. */
public final class DurationException extends RuntimeException {

  private static final long serialVersionUID = 1;

  DurationException(String message) {
    super(message);
  }
}
