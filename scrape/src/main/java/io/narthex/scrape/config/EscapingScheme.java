package io.narthex.scrape.config;

import org.jspecify.annotations.Nullable;

/** How targets are asked to write names that are no classic identifiers. */
public enum EscapingScheme {
  ALLOW_UTF_8("allow-utf-8"),
  UNDERSCORES("underscores"),
  DOTS("dots"),
  VALUES("values");

  private final String text;

  EscapingScheme(String text) {
    this.text = text;
  }

  /** The name in configuration files and in the Accept header. */
  public String text() {
    return text;
  }

  static @Nullable EscapingScheme of(String name) {
    for (EscapingScheme scheme : values()) {
      if (scheme.text.equals(name)) {
        return scheme;
      }
    }
    return null;
  }
}
