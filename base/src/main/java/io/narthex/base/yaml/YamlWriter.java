package io.narthex.base.yaml;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Prints YAML in the shape that go-yaml gives it: two blanks per level, lists not indented, quotes
 * only where a plain text would read as something else, long values folded behind column 80.
 */
public final class YamlWriter {

  /** What secrets are printed as. */
  public static final String SECRET = "<secret>";

  private static final int WIDTH = 80;

  private YamlWriter() {}

  /** Prints a map. */
  public static String print(Consumer<Map> content) {
    StringBuilder out = new StringBuilder();
    Map map = new Map(out, "");
    content.accept(map);
    if (map.empty) {
      out.append("{}\n");
    }
    return out.toString();
  }

  /** A map being printed, key by key. Unless said otherwise, what is empty is left out. */
  public static final class Map {

    private final StringBuilder out;
    private final String indent;
    private boolean inList;
    private boolean empty = true;

    private Map(StringBuilder out, String indent) {
      this.out = out;
      this.indent = indent;
    }

    private StringBuilder key(String key) {
      // The first key of a list's element stands on the line of its dash.
      if (!(inList && empty)) {
        out.append(indent);
      }
      empty = false;
      return scalar(out, key, false).append(':');
    }

    /** A text, even if it is empty; null where there is none. */
    public void put(String key, @Nullable String value) {
      key(key).append(' ');
      if (value == null) {
        out.append("null\n");
      } else if (value.indexOf('\n') >= 0 && isBlock(value)) {
        out.append("|-\n");
        value.lines().forEach(line -> out.append(indent).append("  ").append(line).append('\n'));
      } else {
        scalar(out, value, false).append('\n');
      }
    }

    /** A text. */
    public void text(String key, String value) {
      if (!value.isEmpty()) {
        put(key, value);
      }
    }

    /** A secret, of which only the presence is shown. */
    public void secret(String key, String value) {
      if (!value.isEmpty()) {
        put(key, SECRET);
      }
    }

    /** A truth value, even if it is false. */
    public void bool(String key, boolean value) {
      key(key).append(' ').append(value).append('\n');
    }

    /** A truth value that is left out when it is false. */
    public void flag(String key, boolean value) {
      if (value) {
        bool(key, true);
      }
    }

    /** A secret, null where there is none. */
    public void secretOrNull(String key, String value) {
      put(key, value.isEmpty() ? null : SECRET);
    }

    /** A number, even if it is zero. */
    public void whole(String key, long value) {
      key(key).append(' ').append(value).append('\n');
    }

    /** A number that is left out when it is zero. */
    public void unsigned(String key, long value) {
      if (value != 0) {
        key(key).append(' ').append(value).append('\n');
      }
    }

    /** A number as Go prints it, left out when it is zero. */
    public void number(String key, double value) {
      if (value != 0) {
        boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
        key(key)
            .append(' ')
            .append(whole ? Long.toString((long) value) : Double.toString(value))
            .append('\n');
      }
    }

    /** A list of texts on one line. */
    public void flow(String key, List<String> values) {
      if (values.isEmpty()) {
        return;
      }
      key(key).append(" [");
      for (int i = 0; i < values.size(); i++) {
        scalar(i == 0 ? out : out.append(", "), values.get(i), true);
      }
      out.append("]\n");
    }

    /** A list of texts, one to a line. */
    public void texts(String key, List<String> values) {
      if (values.isEmpty()) {
        return;
      }
      key(key).append('\n');
      for (String value : values) {
        scalar(out.append(indent).append("- "), value, false).append('\n');
      }
    }

    /** A list of texts, one to a line, even if there are none. */
    public void textsOrNone(String key, List<String> values) {
      if (values.isEmpty()) {
        key(key).append(" []\n");
      } else {
        texts(key, values);
      }
    }

    /** A list of maps. */
    public <T> void maps(String key, List<T> values, BiConsumer<T, Map> print) {
      if (values.isEmpty()) {
        return;
      }
      key(key).append('\n');
      for (T value : values) {
        out.append(indent).append("- ");
        Map element = new Map(out, indent + "  ");
        element.inList = true;
        print.accept(value, element);
        if (element.empty) {
          out.append("{}\n");
        }
      }
    }

    /** A map inside, even if it is empty. */
    public void map(String key, Consumer<Map> print) {
      key(key).append('\n');
      int before = out.length();
      Map inner = new Map(out, indent + "  ");
      print.accept(inner);
      if (inner.empty) {
        out.setLength(before - 1);
        out.append(" {}\n");
      }
    }

    /** A map inside, left out when it is empty. */
    public void mapIfAny(String key, Consumer<Map> print) {
      StringBuilder inside = new StringBuilder();
      Map inner = new Map(inside, indent + "  ");
      print.accept(inner);
      if (!inner.empty) {
        key(key).append('\n').append(inside);
      }
    }

    /** A map of texts, in its own order, left out when it is empty. */
    public void textMap(String key, java.util.Map<String, String> values) {
      if (!values.isEmpty()) {
        map(key, inner -> values.forEach(inner::put));
      }
    }
  }

  private static StringBuilder scalar(StringBuilder out, String text, boolean flow) {
    Tag tag = GoYamlSchema.tag(text);
    boolean isText = tag.equals(Tag.STR) || tag.equals(GoYamlSchema.MERGE);
    if (!isText || isBase60(text) || hasSpecial(text)) {
      return doubleQuoted(out, text);
    }
    if (isPlain(text, flow)) {
      return folded(out, text);
    }
    return folded(out.append('\''), text.replace("'", "''")).append('\'');
  }

  /** Breaks a value at the first blank behind column 80, as libyaml does. */
  private static StringBuilder folded(StringBuilder out, String text) {
    int lineStart = out.lastIndexOf("\n") + 1;
    int blanks = 0;
    while (lineStart + blanks < out.length()
        && (out.charAt(lineStart + blanks) == ' ' || out.charAt(lineStart + blanks) == '-')) {
      blanks++;
    }
    int column = out.length() - lineStart;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean breaks =
          c == ' '
              && column > WIDTH
              && i > 0
              && i < text.length() - 1
              && text.charAt(i - 1) != ' '
              && text.charAt(i + 1) != ' ';
      if (breaks) {
        out.append('\n').append(" ".repeat(blanks + 2));
        column = blanks + 2;
      } else {
        out.append(c);
        column++;
      }
    }
    return out;
  }

  /** Whether a text of several lines can stand as a block, its last line without a break. */
  private static boolean isBlock(String text) {
    return !text.startsWith(" ")
        && !text.startsWith("\n")
        && !text.endsWith("\n")
        && text.lines().noneMatch(YamlWriter::hasSpecial)
        && text.indexOf('\r') < 0;
  }

  /** Characters that only a double quoted text can hold (or would hold on one line). */
  private static boolean hasSpecial(String text) {
    return text.codePoints()
        .anyMatch(c ->
            c < 0x20
                || (c >= 0x7f && c < 0xa0)
                || c == 0xfeff
                || c == 0x2028
                || c == 0x2029
                || (c >= 0xd800 && c < 0xe000));
  }

  private static boolean isPlain(String text, boolean flow) {
    int last = text.length() - 1;
    if (text.charAt(0) == ' ' || text.charAt(last) == ' ') {
      return false;
    }
    if (text.startsWith("---") || text.startsWith("...")) {
      return false;
    }
    for (int i = 0; i <= last; i++) {
      char c = text.charAt(i);
      boolean blankNext = i == last || text.charAt(i + 1) == ' ';
      boolean blankBefore = i == 0 || text.charAt(i - 1) == ' ';
      boolean allowed =
          switch (c) {
            case '#' -> !blankBefore;
            case '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`' -> i > 0;
            case ',', '[', ']', '{', '}' -> i > 0 && !flow;
            case '?' -> !flow && !(i == 0 && blankNext);
            case ':' -> !flow && !blankNext;
            case '-' -> i > 0 || !blankNext;
            default -> true;
          };
      if (!allowed) {
        return false;
      }
    }
    return true;
  }

  /** Texts like 1:30, which YAML 1.1 reads as numbers to the base of 60. */
  private static boolean isBase60(String text) {
    char first = text.isEmpty() ? ' ' : text.charAt(0);
    if (text.indexOf(':') < 0
        || !(first == '+' || first == '-' || (first >= '0' && first <= '9'))) {
      return false;
    }
    String[] parts = text.substring(first == '+' || first == '-' ? 1 : 0).split(":", -1);
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i];
      int point = i == parts.length - 1 ? part.indexOf('.') : -1;
      String whole = point < 0 ? part : part.substring(0, point);
      String fraction = point < 0 ? "" : part.substring(point + 1);
      boolean digits = (whole + fraction).chars().allMatch(c -> (c >= '0' && c <= '9') || c == '_');
      boolean small =
          i == 0 || (whole.length() == 2 && whole.charAt(0) <= '5') || whole.length() == 1;
      if (whole.isEmpty() || !digits || !small) {
        return false;
      }
    }
    return true;
  }

  private static StringBuilder doubleQuoted(StringBuilder out, String text) {
    out.append('"');
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
              if (hasSpecial(Character.toString(c))) {
                out.append(c < 0x100 ? "\\x%02X".formatted(c) : "\\u%04X".formatted(c));
              } else {
                out.appendCodePoint(c);
              }
            }
          }
        });
    return out.append('"');
  }
}
