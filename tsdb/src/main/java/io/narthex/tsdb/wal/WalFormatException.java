package io.narthex.tsdb.wal;

/** A record whose checksum is right and whose content is not. */
public final class WalFormatException extends Exception {

  private static final long serialVersionUID = 1;

  public WalFormatException(String message) {
    super(message);
  }
}
