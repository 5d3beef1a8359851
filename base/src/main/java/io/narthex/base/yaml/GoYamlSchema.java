package io.narthex.base.yaml;

import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.Schema;

/** Which type a plain scalar has, by the rules of go-yaml version 2: mostly YAML 1.1. */
final class GoYamlSchema implements Schema {

  static final Tag TIMESTAMP = new Tag(Tag.PREFIX + "timestamp");

  /**
   * A tag of our own: on the real one the library would merge by itself, without end on a cycle.
   */
  static final Tag MERGE = new Tag("!merge");

  private static final Set<String> TRUE =
      Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
  private static final Set<String> FALSE =
      Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
  private static final Set<String> NULL = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> FLOAT =
      Set.of(
          ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
          "-.Inf", "-.INF");

  @Override
  public ScalarResolver getScalarResolver() {
    return (value, implicit) -> implicit ? tag(value) : Tag.STR;
  }

  @Override
  public Map<Tag, ConstructNode> getSchemaTagConstructors() {
    return Map.of();
  }

  /** The tag of a plain scalar. */
  static Tag tag(String value) {
    if (isTrue(value) || FALSE.contains(value)) {
      return Tag.BOOL;
    }
    if (NULL.contains(value)) {
      return Tag.NULL;
    }
    if (FLOAT.contains(value)) {
      return Tag.FLOAT;
    }
    if (value.equals("<<")) {
      return MERGE;
    }
    char first = value.charAt(0);
    boolean numeric =
        (first >= '0' && first <= '9') || first == '+' || first == '-' || first == '.';
    if (!numeric) {
      return Tag.STR;
    }
    if (isTimestamp(value)) {
      return TIMESTAMP;
    }
    if (GoNumber.integer(value) != null) {
      return Tag.INT;
    }
    return GoNumber.isFloat(value) ? Tag.FLOAT : Tag.STR;
  }

  static boolean isTrue(String value) {
    return TRUE.contains(value);
  }

  static boolean isBool(String value) {
    return isTrue(value) || FALSE.contains(value);
  }

  /** A date, alone or before a time; all that begins with a year and a dash and parses. */
  private static boolean isTimestamp(String value) {
    if (value.length() < 8 || value.charAt(4) != '-') {
      return false;
    }
    int at = 0;
    int[] most = {4, 2, 2};
    for (int part = 0; part < 3; part++) {
      int from = at;
      while (at < value.length() && at - from < most[part] && isDigit(value.charAt(at))) {
        at++;
      }
      if (at == from || (part < 2 && (at == value.length() || value.charAt(at++) != '-'))) {
        return false;
      }
    }
    if (at == value.length()) {
      return true;
    }
    char separator = value.charAt(at);
    return (separator == 'T' || separator == 't' || separator == ' ')
        && at + 1 < value.length()
        && isDigit(value.charAt(at + 1));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
