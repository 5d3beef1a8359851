package io.narthex.model.labels;

/** The quoting of {@link io.narthex.base.text.GoQuote}, at hand where labels are printed. */
public final class GoQuote {

  private GoQuote() {}

  /** The quoted form, with its quotes. */
  public static String quote(String text) {
    return io.narthex.base.text.GoQuote.quote(text);
  }

  /** Appends the quoted form, with its quotes. */
  public static StringBuilder append(StringBuilder out, String text) {
    return io.narthex.base.text.GoQuote.append(out, text);
  }
}
