package io.narthex.promql.script;

/** A script that is not written as scripts are, or a check that did not hold. */
final class ScriptException extends RuntimeException {

  private static final long serialVersionUID = 1;

  ScriptException(String message) {
    super(message);
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
