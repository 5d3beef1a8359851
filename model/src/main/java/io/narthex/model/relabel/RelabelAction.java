package io.narthex.model.relabel;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a rule does. */
public enum RelabelAction {
  REPLACE,
  KEEP,
  DROP,
  KEEPEQUAL,
  DROPEQUAL,
  HASHMOD,
  LABELMAP,
  LABELDROP,
  LABELKEEP,
  LOWERCASE,
  UPPERCASE;

  /** The name in configuration files. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The action of a name in any case, or null. */
  static @Nullable RelabelAction of(String name) {
    for (RelabelAction action : values()) {
      if (action.name().equalsIgnoreCase(name)) {
        return action;
      }
    }
    return null;
  }

  boolean needsTarget() {
    return switch (this) {
      case REPLACE, HASHMOD, LOWERCASE, UPPERCASE, KEEPEQUAL, DROPEQUAL -> true;
      case KEEP, DROP, LABELMAP, LABELDROP, LABELKEEP -> false;
    };
  }

  boolean refusesReplacement() {
    return switch (this) {
      case LOWERCASE, UPPERCASE, KEEPEQUAL, DROPEQUAL -> true;
      case REPLACE, HASHMOD, KEEP, DROP, LABELMAP, LABELDROP, LABELKEEP -> false;
    };
  }
}
