package io.narthex.exporter.collector;

import io.narthex.base.bytes.GoFloat;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A page of the text format 0.0.4 in the making: families sorted by name, samples in the order they
 * were added. Not thread-safe.
 */
public final class Page {

  /** The types of families. */
  public enum Type {
    COUNTER("counter"),
    GAUGE("gauge"),
    UNTYPED("untyped");

    private final String text;

    Type(String text) {
      this.text = text;
    }
  }

  private final Map<String, StringBuilder> families = new TreeMap<>();

  /** Opens a family; its head is written once, whoever opens it first. */
  public Family family(String name, Type type, String help) {
    StringBuilder text = families.get(name);
    if (text == null) {
      text = new StringBuilder(256);
      text.append("# HELP ").append(name).append(' ');
      escape(text, help, false);
      text.append("\n# TYPE ").append(name).append(' ').append(type.text).append('\n');
      families.put(name, text);
    }
    return new Family(name, text);
  }

  public Family counter(String name, String help) {
    return family(name, Type.COUNTER, help);
  }

  public Family gauge(String name, String help) {
    return family(name, Type.GAUGE, help);
  }

  public Family untyped(String name, String help) {
    return family(name, Type.UNTYPED, help);
  }

  /** The page as UTF-8. */
  public byte[] toBytes() {
    StringBuilder all = new StringBuilder(64 * 1024);
    families.values().forEach(all::append);
    return all.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The texts by family, for those who look at a part. */
  Map<String, String> byFamily() {
    Map<String, String> texts = new LinkedHashMap<>();
    families.forEach((name, text) -> texts.put(name, text.toString()));
    return texts;
  }

  /** One family of the page. */
  public static final class Family {

    private final String name;
    private final StringBuilder text;

    private Family(String name, StringBuilder text) {
      this.name = name;
      this.text = text;
    }

    /**
     * Adds a sample.
     *
     * @param namesAndValues the labels, in the order of their names
     */
    public Family add(double value, String... namesAndValues) {
      text.append(name);
      for (int i = 0; i < namesAndValues.length; i += 2) {
        text.append(i == 0 ? '{' : ',').append(namesAndValues[i]).append("=\"");
        escape(text, namesAndValues[i + 1], true);
        text.append('"');
      }
      if (namesAndValues.length > 0) {
        text.append('}');
      }
      GoFloat.append(text.append(' '), value).append('\n');
      return this;
    }
  }

  private static void escape(StringBuilder out, String value, boolean quotes) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\') {
        out.append("\\\\");
      } else if (c == '\n') {
        out.append("\\n");
      } else if (c == '"' && quotes) {
        out.append("\\\"");
      } else {
        out.append(c);
      }
    }
  }
}
