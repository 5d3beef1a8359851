package io.narthex.tools.check;

/**
 * How a check went.
 *
 * @param failed whether anything was found
 * @param errors whether it was more than lint
 */
record Outcome(boolean failed, boolean errors) {

  static final Outcome RIGHT = new Outcome(false, false);
  static final Outcome WRONG = new Outcome(true, true);
  static final Outcome LINT = new Outcome(true, false);

  private static final int FAILURE = 1;
  private static final int LINT_FAILURE = 3;

  Outcome and(Outcome other) {
    return new Outcome(failed || other.failed, errors || other.errors);
  }

  /** The exit code; lint counts only where it is fatal. */
  int exitCode(boolean lintIsFatal) {
    if (errors) {
      return FAILURE;
    }
    return failed && lintIsFatal ? LINT_FAILURE : 0;
  }
}
