package io.narthex.api.v1;

/** Work that ends before it is done: its client has gone, or its time is up. */
final class WorkStopped extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final ErrorType type;

  WorkStopped(ErrorType type, String message) {
    super(message);
    this.type = type;
  }

  ApiException answer() {
    return new ApiException(type, String.valueOf(getMessage()));
  }
}
