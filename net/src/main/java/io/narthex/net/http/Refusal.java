package io.narthex.net.http;

/** A request that is answered by the server itself, upon which the connection is closed. */
final class Refusal extends Exception {

  private static final long serialVersionUID = 1;

  private final int status;

  Refusal(int status, String detail) {
    super(Statuses.line(status) + (detail.isEmpty() ? "" : ": " + detail));
    this.status = status;
  }

  int status() {
    return status;
  }
}
