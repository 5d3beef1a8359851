package io.narthex.model.exposition;

/** A page that does not follow its format. The message says where, what was expected and found. */
public final class ExpositionException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int line;
  private final int column;

  ExpositionException(int line, int column, String message) {
    // A hostile target fails each scrape; its stack trace would say nothing about the page.
    super("line " + line + ", column " + column + ": " + message, null, false, false);
    this.line = line;
    this.column = column;
  }

  /** In a page that has no lines: a byte of it, counted from 0. */
  ExpositionException(int offset, String message) {
    super("byte " + offset + ": " + message, null, false, false);
    this.line = 0;
    this.column = offset;
  }

  /** The line of the page, from 1; 0 in a page that has none. */
  public int line() {
    return line;
  }

  /** The byte in the line, from 1; in a page without lines the byte of the page, from 0. */
  public int column() {
    return column;
  }
}
