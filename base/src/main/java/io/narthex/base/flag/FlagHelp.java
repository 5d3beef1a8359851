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
    List<Flag<?>> shown = flags.stream().filter(flag -> !flag.hidden).toList();
    int left =
        shown.stream()
            .mapToInt(flag -> head(flag).length())
            .filter(length -> length < LEFT_LIMIT)
            .max()
            .orElse(0);
    String indent = " ".repeat(left + 4);
    for (Flag<?> flag : shown) {
      String head = head(flag);
      List<String> lines = wrapped(flag.help, Math.max(20, width - left - 4));
      out.append("  ").append(head).append(" ".repeat(Math.max(0, left - head.length())));
      out.append("  ");
      if (head.length() >= LEFT_LIMIT) {
        out.append('\n').append(indent);
      }
      out.append(lines.stream().collect(Collectors.joining("\n" + indent))).append('\n');
    }
    return out.append('\n').toString();
  }

  private static String head(Flag<?> flag) {
    String dashes = flag.name.equals("help") ? "-h, --" : "    --";
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

  private static List<String> wrapped(String text, int width) {
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
