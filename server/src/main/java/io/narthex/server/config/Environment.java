package io.narthex.server.config;

import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills environment variables into texts as Go's {@code os.Expand} does: {@code $NAME}, {@code
 * ${NAME}}; {@code $$} is a dollar. A variable that is not set becomes nothing, and is told.
 */
final class Environment {

  private static final Logger LOG = LoggerFactory.getLogger(Environment.class);

  private final UnaryOperator<String> variables;

  /**
   * Makes an environment.
   *
   * @param variables the value of a name, empty where it is not set
   */
  Environment(UnaryOperator<String> variables) {
    this.variables = variables;
  }

  /** Expands the value of a label. */
  String expand(String label, String text) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '$' || at + 1 == text.length()) {
        out.append(c);
        at++;
        continue;
      }
      int from = at + 1;
      if (text.charAt(from) == '{') {
        int close = text.indexOf('}', from);
        if (close < 0) {
          // Go eats the broken beginning.
          at = from + 1;
          continue;
        }
        out.append(value(text.substring(from + 1, close)));
        at = close + 1;
      } else if (isSpecial(text.charAt(from))) {
        out.append(value(text.substring(from, from + 1)));
        at = from + 1;
      } else {
        int to = from;
        while (to < text.length() && isNameChar(text.charAt(to))) {
          to++;
        }
        out.append(to == from ? "$" : value(text.substring(from, to)));
        at = to;
      }
    }
    String expanded = out.toString();
    if (!expanded.equals(text)) {
      LOG.atDebug()
          .addKeyValue("label", label)
          .addKeyValue("input", text)
          .addKeyValue("output", expanded)
          .log("External label replaced");
    }
    return expanded;
  }

  private String value(String name) {
    if (name.equals("$")) {
      return "$";
    }
    String value = variables.apply(name);
    if (value.isEmpty()) {
      LOG.atWarn().addKeyValue("name", name).log("Empty environment variable");
    }
    return value;
  }

  private static boolean isSpecial(char c) {
    return "*#$@!?-".indexOf(c) >= 0 || (c >= '0' && c <= '9');
  }

  private static boolean isNameChar(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
