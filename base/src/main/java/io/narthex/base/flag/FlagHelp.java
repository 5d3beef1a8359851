package io.narthex.base.flag;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints the help in kingpin's two columns. */
final class FlagHelp {

  private static final int LEFT_LIMIT = 30;

  private FlagHelp() {}

  static String print(String program, String summary, List<Flag<?>> flags, int width) {
    StringBuilder out = new StringBuilder();
    out.append("usage: ").append(program).append(" [<flags>]\n\n");
    out.append(summary).append("\n\n\nFlags:\n");
    flags(out, flags, width);
    return out.toString();
  }

  /** Prints flags in two columns, and an empty line. */
  static void flags(StringBuilder out, List<Flag<?>> flags, int width) {
    List<Row> rows = new ArrayList<>();
    for (Flag<?> flag : flags) {
      if (!flag.hidden) {
        rows.add(new Row(head(flag), flag.help));
      }
    }
    rows(out, rows, width);
  }

  /** What stands left, and what stands right. */
  record Row(String head, String help) {}

  /** Prints two columns, and an empty line. */
  static void rows(StringBuilder out, List<Row> rows, int width) {
    int left =
        rows.stream()
            .mapToInt(row -> row.head.length())
            .filter(length -> length < LEFT_LIMIT)
            .max()
            .orElse(0);
    String indent = " ".repeat(left + 4);
    for (Row row : rows) {
      List<String> lines = wrapped(row.help, Math.max(20, width - left - 4));
      out.append("  ").append(row.head).append(" ".repeat(Math.max(0, left - row.head.length())));
      out.append("  ");
      if (row.head.length() >= LEFT_LIMIT) {
        out.append('\n').append(indent);
      }
      out.append(lines.stream().collect(Collectors.joining("\n" + indent))).append('\n');
    }
    out.append('\n');
  }

  private static String head(Flag<?> flag) {
    char letter = flag.name.equals("help") ? 'h' : flag.letter;
    String dashes = letter == 0 ? "    --" : "-" + letter + ", --";
    return switch (flag.kind) {
      case BOOL -> dashes + "[no-]" + flag.name;
      case SINGLE -> dashes + flag.name + "=" + example(flag);
      case REPEATED -> dashes + flag.name + "=" + example(flag) + " ...";
    };
  }

  private static String example(Flag<?> flag) {
    if (!flag.placeholder.isEmpty()) {
      return flag.placeholder;
    }
    if (flag.defaults.isEmpty() || (flag.defaults.getFirst().isEmpty() && !flag.quoted)) {
      return flag.name.toUpperCase(Locale.ROOT);
    }
    String first = flag.defaults.getFirst();
    String more = flag.defaults.size() > 1 ? "..." : "";
    return flag.quoted ? "\"" + first + "\"" : first + more;
  }

  static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      if (!line.isEmpty()) {
        line.append(' ');
      }
      line.append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
