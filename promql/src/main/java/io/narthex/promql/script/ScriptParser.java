package io.narthex.promql.script;

import io.narthex.base.regex.RegexException;
import io.narthex.model.duration.DurationException;
import io.narthex.model.duration.Durations;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import io.narthex.promql.parser.ParserOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads scripts. A line that cannot be read makes its command a {@link Command.Broken} at that
 * line; reading goes on behind the block.
 */
final class ScriptParser {

  private final List<String> lines = new ArrayList<>();
  private int at;

  private ScriptParser(String script) {
    script.lines().map(String::strip).forEach(line -> lines.add(line.startsWith("#") ? "" : line));
  }

  static List<Command> parse(String script) {
    return new ScriptParser(script).commands();
  }

  private List<Command> commands() {
    List<Command> commands = new ArrayList<>();
    while (at < lines.size()) {
      String line = lines.get(at);
      if (line.isEmpty()) {
        at++;
        continue;
      }
      int first = at;
      try {
        commands.add(command(line));
      } catch (ScriptException | DurationException e) {
        int wrong = Math.max(at, first + 1);
        commands.add(
            new Command.Broken(wrong, lines.get(wrong - 1), String.valueOf(e.getMessage())));
        // The rest of the block belongs to the line that was not understood.
        while (at < lines.size() && !lines.get(at).isEmpty()) {
          at++;
        }
      }
    }
    return commands;
  }

  private Command command(String line) {
    String word = word(line, 0);
    if (word.equals("clear")) {
      at++;
      return new Command.Clear(at);
    }
    if (word.startsWith("load")) {
      return load(line);
    }
    if (word.startsWith("eval")) {
      return eval(line);
    }
    at++;
    throw new ScriptException(
        "invalid command \"" + word + "\", expected load, load_with_nhcb, clear or eval");
  }

  private static long millis(String duration) {
    return Durations.parse(duration).toMillis();
  }

  private static String word(String text, int from) {
    int to = from;
    while (to < text.length() && !Character.isWhitespace(text.charAt(to))) {
      to++;
    }
    return text.substring(from, to);
  }

  /** The next line of the same block, or null. */
  private @Nullable String next() {
    return at < lines.size() && !lines.get(at).isEmpty() ? lines.get(at++) : null;
  }

  // --- load ---

  private Command load(String line) {
    int number = ++at;
    String command = word(line, 0);
    boolean nhcb = command.equals("load_with_nhcb");
    if (!nhcb && !command.equals("load")) {
      throw new ScriptException("invalid load command. (load[_with_nhcb] <step:duration>)");
    }
    long step = millis(line.substring(command.length()).strip());
    List<Command.LoadedSeries> series = new ArrayList<>();
    List<@Nullable Long> defaults = List.of();
    List<@Nullable Long> starts = null;
    SeriesText.Series startsOf = null;
    for (String text = next(); text != null; text = next()) {
      int end = SeriesText.endOfLabels(text);
      if (text.startsWith("@st", end)) {
        List<@Nullable Long> values = StartText.parse(text.substring(end + 3));
        if (end == 0) {
          defaults = values;
          continue;
        }
        if (starts != null) {
          throw new ScriptException("@st line has no following sample line");
        }
        starts = values;
        startsOf = new SeriesText.Series(SeriesText.labels(text.substring(0, end)), List.of());
        continue;
      }
      SeriesText.Series parsed = SeriesText.parse(text);
      List<@Nullable Long> own = new ArrayList<>();
      if (starts != null && startsOf != null) {
        if (!startsOf.labels().equals(parsed.labels())) {
          throw new ScriptException("@st metric does not match the following sample line metric");
        }
        if (starts.size() != parsed.values().size()) {
          throw new ScriptException(
              "@st line has "
                  + starts.size()
                  + " values but sample line has "
                  + parsed.values().size());
        }
        own.addAll(starts);
      } else {
        for (int i = 0; i < parsed.values().size(); i++) {
          own.add(defaults.isEmpty() ? null : defaults.get(i % defaults.size()));
        }
      }
      // A series that is there twice is the last one.
      series.removeIf(s -> s.labels().equals(parsed.labels()));
      series.add(new Command.LoadedSeries(parsed.labels(), parsed.values(), own));
      starts = null;
    }
    if (starts != null) {
      throw new ScriptException("@st line has no following sample line");
    }
    return new Command.Load(number, step, nhcb, series);
  }

  // --- eval ---

  private Command eval(String line) {
    int number = ++at;
    Words words = new Words(line);
    String command = words.next();
    String modifier = command.length() > 4 ? command.substring(4) : "";
    String kind = words.next();
    boolean range = kind.equals("range");
    long start;
    long end;
    long step;
    if (range) {
      words.expect("from");
      start = millis(words.next());
      words.expect("to");
      end = millis(words.next());
      words.expect("step");
      step = millis(words.next());
      if (end < start) {
        throw new ScriptException("end timestamp is before start timestamp");
      }
      if (step <= 0) {
        throw new ScriptException("expected a positive step");
      }
    } else if (kind.equals("instant")) {
      words.expect("at");
      start = millis(words.next());
      end = start;
      step = 0;
    } else {
      throw new ScriptException(
          "invalid evaluation command, expected \"instant\" or \"range\", got \"" + kind + "\"");
    }
    String expr = words.rest();
    if (expr.isEmpty()) {
      throw new ScriptException("invalid evaluation command, expected an expression");
    }
    Expectations expectations = new Expectations(modifier, range, start, end, step);
    for (String text = next(); text != null; text = next()) {
      if (!expectations.add(text)) {
        break;
      }
    }
    return new Command.Eval(number, expr, range, start, end, step, expectations.build());
  }

  /** Words divided by white space, and what is behind them. */
  private static final class Words {
    private final String text;
    private int at;

    Words(String text) {
      this.text = text;
    }

    String next() {
      skip();
      String word = word(text, at);
      at += word.length();
      return word;
    }

    void expect(String word) {
      String found = next();
      if (!found.equals(word)) {
        throw new ScriptException(
            "invalid evaluation command, expected \"" + word + "\", got \"" + found + "\"");
      }
    }

    String rest() {
      skip();
      return text.substring(at);
    }

    private void skip() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }
  }

  /** Gathers the lines behind an evaluation. */
  private static final class Expectations {
    private final boolean range;
    private final boolean legacyFail;
    private final List<Command.ExpectedSeries> series = new ArrayList<>();
    private final List<Command.Message> warnings = new ArrayList<>();
    private final List<Command.Message> infos = new ArrayList<>();
    private final boolean anyWarning;
    private final boolean anyInfo;
    private boolean noWarnings;
    private boolean noInfos;
    private boolean ordered;
    private Command.@Nullable Message fail;
    private @Nullable SequenceValue scalar;
    private @Nullable String text;
    private Command.Shape shape = Command.Shape.PLAIN;
    private long start;
    private long end;
    private long step;

    Expectations(String modifier, boolean range, long start, long end, long step) {
      this.range = range;
      this.start = start;
      this.end = end;
      this.step = step;
      legacyFail = modifier.equals("_fail");
      ordered = modifier.equals("_ordered");
      anyWarning = modifier.equals("_warn");
      anyInfo = modifier.equals("_info");
      if (!modifier.isEmpty() && !legacyFail && !ordered && !anyWarning && !anyInfo) {
        throw new ScriptException("invalid evaluation command: eval" + modifier);
      }
      if (legacyFail) {
        fail = new Command.Message(null, null);
      }
    }

    /** Takes a line; false if no line may follow. */
    boolean add(String line) {
      if (legacyFail && line.startsWith("expected_fail_message")) {
        fail = new Command.Message(after(line, "expected_fail_message"), null);
        return false;
      }
      if (legacyFail && line.startsWith("expected_fail_regexp")) {
        fail = pattern(after(line, "expected_fail_regexp"));
        return false;
      }
      if (line.startsWith("expect range vector")) {
        rangeVector(new Words(line));
        return true;
      }
      if (line.startsWith("expect string")) {
        text = string(after(line, "expect string"));
        shape = Command.Shape.TEXT;
        return true;
      }
      if (word(line, 0).equals("expect")) {
        expect(line);
        return true;
      }
      Double number = number(line);
      if (number != null) {
        scalar = SequenceValue.of(number);
        return false;
      }
      SeriesText.Series parsed = SeriesText.parse(line);
      if (parsed.values().size() > 1 && !range && shape != Command.Shape.RANGE_VECTOR) {
        throw new ScriptException("expecting multiple values in instant evaluation not allowed");
      }
      series.removeIf(s -> s.labels().equals(parsed.labels()));
      series.add(new Command.ExpectedSeries(parsed.labels(), parsed.values()));
      return true;
    }

    private static Command.Message pattern(String pattern) {
      Command.Message message = new Command.Message(null, pattern);
      try {
        message.matches("");
      } catch (RegexException e) {
        throw new ScriptException("not a regular expression: " + e.getMessage());
      }
      return message;
    }

    private static String after(String line, String prefix) {
      return line.substring(prefix.length()).strip();
    }

    private void rangeVector(Words words) {
      words.expect("expect");
      words.expect("range");
      words.expect("vector");
      words.expect("from");
      start = millis(words.next());
      words.expect("to");
      end = millis(words.next());
      words.expect("step");
      step = millis(words.next());
      shape = Command.Shape.RANGE_VECTOR;
    }

    private static String string(String quoted) {
      try {
        Expr expr = Parser.parse(quoted, ParserOptions.ALL);
        if (expr instanceof StringLiteral literal) {
          return literal.value();
        }
      } catch (ParseException e) {
        throw new ScriptException("expected string literal not valid: " + e.getMessage());
      }
      throw new ScriptException("expected string literal not valid");
    }

    private void expect(String line) {
      Words words = new Words(line);
      words.next();
      String mode = words.next();
      String rest = words.rest();
      Command.Message message;
      if (rest.isEmpty()) {
        message = new Command.Message(null, null);
      } else if (rest.startsWith("msg:")) {
        message = new Command.Message(after(rest, "msg:"), null);
      } else if (rest.startsWith("regex:")) {
        message = pattern(after(rest, "regex:"));
      } else {
        throw new ScriptException(
            "invalid expect statement, expected \"msg:\" or \"regex:\", got \"" + rest + "\"");
      }
      switch (mode) {
        case "ordered" -> ordered = true;
        case "fail" -> {
          if (fail != null) {
            throw new ScriptException("multiple expect fail lines are not allowed");
          }
          fail = message;
        }
        case "warn" -> warnings.add(message);
        case "info" -> infos.add(message);
        case "no_warn" -> noWarnings = true;
        case "no_info" -> noInfos = true;
        default ->
            throw new ScriptException(
                "invalid expected error/annotation type "
                    + mode
                    + ", expected ordered, fail, warn, no_warn, info, no_info, string or range"
                    + " vector");
      }
      if ((noWarnings && !warnings.isEmpty()) || (noInfos && !infos.isEmpty())) {
        throw new ScriptException("invalid expect lines, info and no_info cannot be used together");
      }
    }

    /** The number that a line is, as a query would read it; null if it is something else. */
    private static @Nullable Double number(String line) {
      if ("+-.0123456789iInN".indexOf(line.charAt(0)) < 0) {
        return null;
      }
      try {
        Expr expr = Parser.parse(line, ParserOptions.ALL);
        return expr instanceof NumberLiteral number && !number.duration() ? number.value() : null;
      } catch (ParseException e) {
        return null;
      }
    }

    Command.Expected build() {
      return new Command.Expected(
          series,
          scalar,
          text,
          ordered,
          fail,
          anyWarning,
          anyInfo,
          warnings,
          infos,
          noWarnings,
          noInfos,
          shape,
          start,
          end,
          step);
    }
  }
}
