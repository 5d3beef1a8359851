package io.narthex.tools.check;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/**
 * What is looked at beyond what is wrong.
 *
 * @param duplicateRules whether two rules may make the same series
 * @param longIntervals whether a job is scraped so rarely that its series go stale
 * @param fatal whether findings end in an exit code of their own
 * @param ignoreUnknown whether unknown keys of rule files pass
 * @param lookback how long a sample counts
 */
record Lint(
    boolean duplicateRules,
    boolean longIntervals,
    boolean fatal,
    boolean ignoreUnknown,
    Duration lookback) {

  static final String DUPLICATE_RULES = "duplicate-rules";
  private static final String LONG_INTERVALS = "too-long-scrape-interval";

  /**
   * Reads the names of the flag; unknown ones are told.
   *
   * @param ofConfig whether configurations are checked, not only rules
   */
  static Lint of(
      String names,
      boolean ofConfig,
      boolean fatal,
      boolean ignoreUnknown,
      Duration lookback,
      PrintStream out) {
    boolean all = false;
    boolean duplicates = false;
    boolean intervals = false;
    for (String name : List.of(names.split(",", -1))) {
      switch (name) {
        case "all" -> all = true;
        case "none" -> {}
        case DUPLICATE_RULES -> duplicates = true;
        default -> {
          if (ofConfig && name.equals(LONG_INTERVALS)) {
            intervals = true;
          } else {
            out.println("WARNING: unknown lint option: \"" + name + "\"");
          }
        }
      }
    }
    return new Lint(
        all || duplicates, ofConfig && (all || intervals), fatal, ignoreUnknown, lookback);
  }
}
