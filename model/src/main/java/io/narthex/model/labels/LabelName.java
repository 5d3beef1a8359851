package io.narthex.model.labels;

/** The rules for names of labels and metrics. */
public final class LabelName {

  private LabelName() {}

  /** Whether a label name has the classic form {@code [a-zA-Z_][a-zA-Z0-9_]*}. */
  public static boolean isLegacy(CharSequence name) {
    return isIdentifier(name, false);
  }

  /** Whether a metric name has the classic form {@code [a-zA-Z_:][a-zA-Z0-9_:]*}. */
  public static boolean isLegacyMetric(CharSequence name) {
    return isIdentifier(name, true);
  }

  private static boolean isIdentifier(CharSequence name, boolean colons) {
    if (name.isEmpty()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      boolean digit = i > 0 && c >= '0' && c <= '9';
      if (!letter && !digit && !(colons && c == ':')) {
        return false;
      }
    }
    return true;
  }
}
