package io.narthex.promql.script;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.IncompatibleHistogramsException;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.labels.Matcher;
import io.narthex.model.value.StaleMarker;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import java.util.ArrayList;
import java.util.List;

/** A line that describes a series: its labels, and values with repetitions and steps. */
final class SeriesText {

  /** A series with more values would only fill the memory. */
  static final int MOST_VALUES = 10_000_000;

  private final String text;
  private int at;

  private SeriesText(String text) {
    this.text = text;
  }

  /** A series and its values. */
  record Series(Labels labels, List<SequenceValue> values) {}

  static Series parse(String line) {
    int end = endOfLabels(line);
    Labels labels = labels(line.substring(0, end));
    return new Series(labels, new SeriesText(line.substring(end)).values());
  }

  /** The end of the labels at the beginning of a line. */
  static int endOfLabels(String line) {
    int i = 0;
    while (i < line.length()
        && !Character.isWhitespace(line.charAt(i))
        && line.charAt(i) != '{'
        && line.charAt(i) != '@') {
      i++;
    }
    int brace = i;
    while (brace < line.length() && Character.isWhitespace(line.charAt(brace))) {
      brace++;
    }
    if (brace < line.length() && line.charAt(brace) == '{' && !line.startsWith("{{", brace)) {
      return closing(line, brace);
    }
    return i;
  }

  private static int closing(String line, int brace) {
    char quote = 0;
    for (int i = brace; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        if (c == '\\' && quote != '`') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '"' || c == '\'' || c == '`') {
        quote = c;
      } else if (c == '}') {
        return i + 1;
      }
    }
    throw new ScriptException("the labels are not closed: " + line);
  }

  static Labels labels(String text) {
    if (text.isBlank()) {
      return Labels.EMPTY;
    }
    List<Matcher> matchers;
    try {
      matchers = Parser.parseSelector(text);
    } catch (ParseException e) {
      throw new ScriptException("not a series: " + text + ": " + e.getMessage());
    }
    LabelsBuilder builder = new LabelsBuilder();
    for (Matcher m : matchers) {
      if (m.type() != Matcher.Type.EQUAL) {
        throw new ScriptException("not a series: " + text);
      }
      builder.set(m.name(), m.value());
    }
    return builder.build();
  }

  private List<SequenceValue> values() {
    List<SequenceValue> values = new ArrayList<>();
    skipSpace();
    while (at < text.length()) {
      item(values);
      if (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
        throw error("unexpected \"" + text.charAt(at) + "\"");
      }
      skipSpace();
    }
    return values;
  }

  private void item(List<SequenceValue> values) {
    if (accept("_")) {
      int times = at < text.length() && text.charAt(at) == 'x' ? repetitions() : 1;
      for (int i = 0; i < times; i++) {
        values.add(SequenceValue.OMITTED);
      }
      return;
    }
    if (text.startsWith("{{", at)) {
      histograms(values);
      return;
    }
    double value = value();
    double delta = 0;
    if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
      delta = number();
      if (at >= text.length() || text.charAt(at) != 'x') {
        throw error("expected a number of repetitions");
      }
    }
    int more = at < text.length() && text.charAt(at) == 'x' ? repetitions() : 0;
    for (int i = 0; i <= more; i++) {
      values.add(SequenceValue.of(value));
      value += delta;
    }
  }

  private void histograms(List<SequenceValue> values) {
    HistogramText base = histogram();
    values.add(SequenceValue.of(base.histogram(), base.hinted()));
    if (at >= text.length() || Character.isWhitespace(text.charAt(at))) {
      return;
    }
    FloatHistogram step = null;
    boolean add = accept("+");
    if (add || accept("-")) {
      step = histogram().histogram();
    }
    int more = repetitions();
    FloatHistogram current = base.histogram();
    for (int i = 0; i < more; i++) {
      if (step != null) {
        current = combined(current.copy(), step, add);
      }
      values.add(SequenceValue.of(current, base.hinted()));
    }
  }

  private FloatHistogram combined(FloatHistogram into, FloatHistogram step, boolean add) {
    try {
      return add ? into.add(step) : into.subtract(step);
    } catch (IncompatibleHistogramsException e) {
      throw error(String.valueOf(e.getMessage()));
    }
  }

  private HistogramText histogram() {
    int end = text.indexOf("}}", at);
    if (!text.startsWith("{{", at) || end < 0) {
      throw error("expected a histogram");
    }
    HistogramText parsed = HistogramText.parse(text.substring(at + 2, end));
    at = end + 2;
    return parsed;
  }

  private int repetitions() {
    if (!accept("x")) {
      throw error("expected a number of repetitions");
    }
    int from = at;
    while (at < text.length() && isDigit(text.charAt(at))) {
      at++;
    }
    if (at == from) {
      throw error("expected a number of repetitions");
    }
    if (at - from > 9 || Integer.parseInt(text, from, at, 10) >= MOST_VALUES) {
      throw error("expected a number of repetitions below " + MOST_VALUES);
    }
    return Integer.parseInt(text, from, at, 10);
  }

  private double value() {
    if (accept("stale")) {
      return StaleMarker.VALUE;
    }
    return number();
  }

  private double number() {
    int from = at;
    if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
      at++;
    }
    double sign = at > from && text.charAt(from) == '-' ? -1 : 1;
    if (acceptWord("inf")) {
      return sign * Double.POSITIVE_INFINITY;
    }
    if (acceptWord("nan")) {
      return Double.longBitsToDouble(StaleMarker.NORMAL_NAN_BITS);
    }
    int digits = at;
    while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
      at++;
    }
    if (at == digits) {
      throw error("expected a number");
    }
    if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      at++;
      if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
        at++;
      }
      while (at < text.length() && isDigit(text.charAt(at))) {
        at++;
      }
    }
    try {
      return Double.parseDouble(text.substring(from, at));
    } catch (NumberFormatException e) {
      throw error("expected a number");
    }
  }

  private boolean accept(String word) {
    if (text.startsWith(word, at)) {
      at += word.length();
      return true;
    }
    return false;
  }

  private boolean acceptWord(String lower) {
    if (text.regionMatches(true, at, lower, 0, lower.length())) {
      at += lower.length();
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private ScriptException error(String message) {
    return new ScriptException(
        message + " at \"" + text.substring(Math.min(at, text.length())) + "\"");
  }
}
