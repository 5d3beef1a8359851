package io.narthex.base.file;

/** Numbers in the names of files, with zeros before them, so that names sort as the numbers do. */
public final class FileNumber {

  private FileNumber() {}

  /**
   * The digits of a number, without the tables of all locales that a {@link java.util.Formatter}
   * loads, for which a start would wait.
   *
   * @param number not negative
   * @param digits how many there are at least
   */
  public static String text(long number, int digits) {
    String text = Long.toString(number);
    return "0".repeat(Math.max(0, digits - text.length())) + text;
  }
}
