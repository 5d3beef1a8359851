package io.narthex.promql.script;

import io.narthex.model.duration.Durations;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/** The values of an {@code @st} line: how far from each sample the counting began. */
final class StartText {

  private final String item;
  private int at;

  private StartText(String item) {
    this.item = item;
  }

  /** Milliseconds by sample, null for unknown. */
  static List<@Nullable Long> parse(String text) {
    List<@Nullable Long> values = new ArrayList<>();
    StringTokenizer items = new StringTokenizer(text);
    while (items.hasMoreTokens()) {
      new StartText(items.nextToken()).add(values);
    }
    return values;
  }

  private void add(List<@Nullable Long> values) {
    if (item.startsWith("_")) {
      at = 1;
      int times = at == item.length() ? 1 : repetitions();
      for (int i = 0; i < times; i++) {
        values.add(null);
      }
      return;
    }
    long offset;
    if (item.startsWith("*")) {
      at = 1;
      offset = lastKnown(values);
    } else {
      offset = duration();
    }
    long step = 0;
    if (at < item.length() && item.charAt(at) != 'x') {
      step = duration();
    }
    int more = at == item.length() ? 0 : repetitions();
    for (int i = 0; i <= more; i++) {
      values.add(offset);
      offset += step;
    }
  }

  private static long lastKnown(List<@Nullable Long> values) {
    for (int i = values.size() - 1; i >= 0; i--) {
      Long value = values.get(i);
      if (value != null) {
        return value;
      }
    }
    return 0;
  }

  private int repetitions() {
    if (at >= item.length() || item.charAt(at) != 'x') {
      throw new ScriptException("invalid ST item \"" + item + "\"");
    }
    String count = item.substring(at + 1);
    at = item.length();
    try {
      int times = Integer.parseInt(count);
      if (times >= 0 && times < SeriesText.MOST_VALUES) {
        return times;
      }
      throw new ScriptException("invalid ST item \"" + item + "\"");
    } catch (NumberFormatException e) {
      throw new ScriptException("invalid ST item \"" + item + "\"");
    }
  }

  private long duration() {
    int from = at;
    boolean negative = item.charAt(at) == '-';
    if (negative || item.charAt(at) == '+') {
      at++;
    }
    int digits = at;
    while (at < item.length() && Character.isDigit(item.charAt(at))) {
      at++;
    }
    while (at < item.length() && Character.isLetter(item.charAt(at)) && item.charAt(at) != 'x') {
      at++;
    }
    if (at == digits) {
      throw new ScriptException("invalid ST item \"" + item + "\" at " + from);
    }
    long millis = Durations.parse(item.substring(digits, at)).toMillis();
    return negative ? -millis : millis;
  }
}
