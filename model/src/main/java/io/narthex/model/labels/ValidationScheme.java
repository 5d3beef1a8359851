package io.narthex.model.labels;

/** Which names are allowed for labels and metrics. */
public enum ValidationScheme {
  /** Any UTF-8 text but the empty one. */
  UTF8("utf8"),
  /** The classic identifiers only. */
  LEGACY("legacy");

  private final String text;

  ValidationScheme(String text) {
    this.text = text;
  }

  /** The name in configuration files. */
  public String text() {
    return text;
  }

  /** Whether the name may be a label's. */
  public boolean allowsLabel(String name) {
    return switch (this) {
      case UTF8 -> !name.isEmpty() && isUtf8(name);
      case LEGACY -> LabelName.isLegacy(name);
    };
  }

  /** Whether the name may be a metric's. */
  public boolean allowsMetric(String name) {
    return switch (this) {
      case UTF8 -> !name.isEmpty() && isUtf8(name);
      case LEGACY -> LabelName.isLegacyMetric(name);
    };
  }

  /** Whether a text can be written as UTF-8, which lone surrogates cannot. */
  public static boolean isUtf8(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        int c = text.codePointAt(i);
        if (!Character.isSupplementaryCodePoint(c)) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
