package io.narthex.promql.script;

import io.narthex.base.regex.AnchoredRegex;
import io.narthex.model.labels.Labels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A command of a script, and the line it begins at. */
sealed interface Command {

  int line();

  /** Drops all data. */
  record Clear(int line) implements Command {}

  /**
   * Stores series.
   *
   * @param nhcb whether classic histograms are stored as native ones with custom buckets too
   */
  record Load(int line, long stepMillis, boolean nhcb, List<LoadedSeries> series)
      implements Command {}

  /**
   * A series to store.
   *
   * @param starts by value, how far before or behind it the counting began, in milliseconds; null
   *     for unknown
   */
  record LoadedSeries(Labels labels, List<SequenceValue> values, List<@Nullable Long> starts) {}

  /** Evaluates an expression. */
  record Eval(
      int line, String expr, boolean range, long start, long end, long step, Expected expected)
      implements Command {}

  /** Something that could not be read. */
  record Broken(int line, String text, String reason) implements Command {}

  /**
   * What an evaluation must yield.
   *
   * @param start the time of the first value of each series
   * @param step the time between values
   * @param end the time that no value may lie behind
   * @param shape what kind of result it is
   * @param scalar the expected scalar, or null
   * @param text the expected text, or null
   */
  record Expected(
      List<ExpectedSeries> series,
      @Nullable SequenceValue scalar,
      @Nullable String text,
      boolean ordered,
      @Nullable Message fail,
      boolean anyWarning,
      boolean anyInfo,
      List<Message> warnings,
      List<Message> infos,
      boolean noWarnings,
      boolean noInfos,
      Shape shape,
      long start,
      long end,
      long step) {}

  /** What kind of result is expected. */
  enum Shape {
    /** Whatever the evaluation yields. */
    PLAIN,
    /** A range of samples of an instant query. */
    RANGE_VECTOR,
    TEXT
  }

  /** A series that the result must hold. */
  record ExpectedSeries(Labels labels, List<SequenceValue> values) {}

  /**
   * A message that must be there.
   *
   * @param text the whole message, or null
   * @param pattern a regular expression that it must contain, or null
   */
  record Message(@Nullable String text, @Nullable String pattern) {

    boolean matches(String message) {
      if (text != null) {
        return text.equals(message);
      }
      return pattern == null || AnchoredRegex.compile(".*(?:" + pattern + ").*").matches(message);
    }

    @Override
    public String toString() {
      return text != null ? "\"" + text + "\"" : pattern == null ? "anything" : "/" + pattern + "/";
    }
  }
}
