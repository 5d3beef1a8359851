package io.narthex.promql.script;

import io.narthex.promql.ast.Expr;
import io.narthex.promql.engine.Engine;
import io.narthex.promql.engine.EngineOptions;
import io.narthex.promql.engine.QueryAnswer;
import io.narthex.promql.engine.QueryOptions;
import io.narthex.promql.engine.QueryResult;
import io.narthex.promql.engine.core.Annotation;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.promql.printer.Printer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs scripts against an engine and storages.
 *
 * <p>An evaluation passes only if it holds in all of its forms: as written; an instant one also
 * with every selector pinned to its time and evaluated at other times (unless a function depends on
 * the time of evaluation), and each of those also as a range query around its time, whose middle
 * step must be the same.
 */
public final class ScriptRunner {

  /** The engine settings that upstream's scripts are written for. */
  public static final EngineOptions OPTIONS =
      new EngineOptions(
          Duration.ofSeconds(100),
          10_000,
          0,
          20,
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          true,
          true,
          false,
          ParserOptions.ALL);

  private static final long MINUTE = 60_000;

  private final Engine engine;
  private final ScriptStorage.Factory storages;

  public ScriptRunner(Engine engine, ScriptStorage.Factory storages) {
    this.engine = engine;
    this.storages = storages;
  }

  /**
   * Runs a script.
   *
   * @param file its name, for the report
   */
  public ScriptReport run(String file, String script) {
    int passed = 0;
    List<ScriptReport.Failure> failures = new ArrayList<>();
    ScriptStorage storage = storages.open();
    try {
      for (Command command : ScriptParser.parse(script)) {
        switch (command) {
          case Command.Clear c -> {
            storage.close();
            storage = storages.open();
          }
          case Command.Load load -> {
            try {
              Loading.run(load, storage);
            } catch (RuntimeException e) {
              failures.add(failure(load.line(), "load", e));
            }
          }
          case Command.Eval eval -> {
            try {
              eval(eval, storage);
              passed++;
            } catch (RuntimeException e) {
              failures.add(failure(eval.line(), eval.expr(), e));
            }
          }
          case Command.Broken broken ->
              failures.add(new ScriptReport.Failure(broken.line(), broken.text(), broken.reason()));
        }
      }
    } finally {
      storage.close();
    }
    return new ScriptReport(file, passed, failures);
  }

  private static ScriptReport.Failure failure(int line, String what, RuntimeException e) {
    String reason =
        e instanceof ScriptException || e instanceof QueryException
            ? String.valueOf(e.getMessage())
            : e.toString();
    return new ScriptReport.Failure(line, what, reason);
  }

  private void eval(Command.Eval eval, ScriptStorage storage) {
    if (eval.range()) {
      range(eval, storage);
      return;
    }
    instant(eval, eval.expr(), evaluationTime(eval), storage);
    AtEveryTime at = new AtEveryTime(evaluationTime(eval));
    Expr pinned;
    try {
      pinned = at.pin(Parser.parse(eval.expr(), ParserOptions.ALL));
    } catch (ParseException e) {
      // Instant evaluation has seen to it.
      return;
    }
    if (at.unsafe()) {
      return;
    }
    String text = Printer.print(pinned);
    long time = evaluationTime(eval);
    long[] times =
        time == 0
            ? new long[] {-1000, 0, 1000}
            : new long[] {-10 * time, 0, time / 5, time, 10 * time};
    for (long t : times) {
      try {
        instant(eval, text, t, storage);
      } catch (ScriptException | QueryException | ParseException e) {
        throw new ScriptException("as " + text + " at " + t + ": " + e.getMessage());
      }
    }
  }

  private static long evaluationTime(Command.Eval eval) {
    return eval.expected().shape() == Command.Shape.RANGE_VECTOR
        ? eval.expected().end()
        : eval.start();
  }

  private void range(Command.Eval eval, ScriptStorage storage) {
    try (QueryAnswer answer =
        engine.range(
            storage.queryable(),
            eval.expr(),
            eval.start(),
            eval.end(),
            eval.step(),
            QueryOptions.plain())) {
      check(eval, answer);
    } catch (QueryException | ParseException | IllegalArgumentException e) {
      expectFailure(eval, e);
    }
  }

  private void instant(Command.Eval eval, String text, long time, ScriptStorage storage) {
    boolean scalar;
    try (QueryAnswer answer =
        engine.instant(storage.queryable(), text, time, QueryOptions.plain())) {
      check(eval, answer);
      scalar = answer.result() instanceof QueryResult.Scalar;
    } catch (QueryException | ParseException e) {
      expectFailure(eval, e);
      return;
    }
    if (eval.expected().shape() == Command.Shape.PLAIN && !asksForItself(text)) {
      around(eval, text, time, scalar, storage);
    }
  }

  /** The same as a range query, whose middle step is the time. */
  private void around(
      Command.Eval eval, String text, long time, boolean scalar, ScriptStorage storage) {
    try (QueryAnswer around =
        engine.range(
            storage.queryable(),
            text,
            time - MINUTE,
            time + MINUTE,
            MINUTE,
            QueryOptions.plain())) {
      if (!(around.result() instanceof QueryResult.Matrix matrix)) {
        throw new ScriptException("no matrix");
      }
      if (!eval.expected().ordered()) {
        new Comparison(eval.expected()).checkStep(matrix, time, scalar);
      }
    } catch (QueryException | ScriptException | IllegalArgumentException e) {
      throw new ScriptException("in range mode: " + e.getMessage());
    }
  }

  /** Whether the text has functions whose value depends on the query's range. */
  private static boolean asksForItself(String text) {
    return text.contains("start()")
        || text.contains("end()")
        || text.contains("range()")
        || text.contains("step()");
  }

  private static void expectFailure(Command.Eval eval, RuntimeException e) {
    Command.Message wanted = eval.expected().fail();
    if (wanted == null) {
      throw e instanceof QueryException || e instanceof ScriptException
          ? e
          : new ScriptException(String.valueOf(e.getMessage()));
    }
    String message = String.valueOf(e.getMessage());
    if (!wanted.matches(message)) {
      throw new ScriptException("expected error " + wanted + " but got: " + message);
    }
  }

  private static void check(Command.Eval eval, QueryAnswer answer) {
    Command.Expected expected = eval.expected();
    if (expected.fail() != null) {
      throw new ScriptException("expected error but got none");
    }
    List<String> warnings = messages(answer, Annotation.Severity.WARNING);
    List<String> infos = messages(answer, Annotation.Severity.INFO);
    if (expected.anyWarning() && warnings.isEmpty()) {
      throw new ScriptException("expected warnings but got none");
    }
    if (expected.anyInfo() && infos.isEmpty()) {
      throw new ScriptException("expected info annotations but got none");
    }
    annotations("warn", expected.warnings(), warnings);
    annotations("info", expected.infos(), infos);
    if (expected.noWarnings() && !warnings.isEmpty()) {
      throw new ScriptException("unexpected warning annotations: " + warnings);
    }
    if (expected.noInfos() && !infos.isEmpty()) {
      throw new ScriptException("unexpected info annotations: " + infos);
    }
    new Comparison(expected).check(answer.result());
  }

  private static List<String> messages(QueryAnswer answer, Annotation.Severity severity) {
    return answer.annotations().stream()
        .filter(a -> a.severity() == severity)
        .map(a -> a.message(answer.query()))
        .toList();
  }

  private static void annotations(
      String kind, List<Command.Message> expected, List<String> actual) {
    if (expected.isEmpty()) {
      return;
    }
    for (Command.Message message : expected) {
      if (actual.stream().noneMatch(message::matches)) {
        throw new ScriptException(
            "expected " + kind + " annotation " + message + " but found: " + actual);
      }
    }
    for (String message : actual) {
      if (expected.stream().noneMatch(e -> e.matches(message))) {
        throw new ScriptException("unexpected " + kind + " annotation: " + message);
      }
    }
  }
}
