package io.narthex.tools.promtool;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.promql.engine.Engine;
import io.narthex.promql.engine.EngineOptions;
import io.narthex.promql.script.ScriptReport;
import io.narthex.promql.script.ScriptRunner;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs scripts in the promqltest language and prints what did not hold, a line each, and a line
 * with the counts. Each script has databases of its own in a directory that is gone afterwards; as
 * many scripts run at a time as there are cores.
 */
final class ScriptTests {

  private final PrintStream out;

  ScriptTests(PrintStream out) {
    this.out = out;
  }

  /**
   * Runs all of them, whatever becomes of one.
   *
   * @return whether everything passed
   */
  boolean run(List<String> files) throws IOException {
    Path folder = Files.createTempDirectory("narthex-test-promql");
    int passed = 0;
    int failed = 0;
    try (ExecutorService cores =
        Executors.newFixedThreadPool(
            Math.min(files.size(), Runtime.getRuntime().availableProcessors()))) {
      Engine engine = new Engine(options(), Clock.SYSTEM);
      List<Future<ScriptReport>> reports = new ArrayList<>();
      for (int i = 0; i < files.size(); i++) {
        String file = files.get(i);
        Path own = folder.resolve(Integer.toString(i));
        reports.add(cores.submit(() -> report(engine, file, own)));
      }
      for (Future<ScriptReport> future : reports) {
        ScriptReport report = future.get();
        passed += report.passed();
        failed += report.failed();
        for (ScriptReport.Failure failure : report.failures()) {
          print(report.file(), failure);
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Disk.SYSTEM.deleteTree(folder);
    }
    out.print(passed + " passed, " + failed + " failed\n");
    return failed == 0;
  }

  /** As scripts want them, and a query that wants too much fails alone. */
  private static EngineOptions options() {
    EngineOptions scripts = ScriptRunner.OPTIONS;
    return new EngineOptions(
        scripts.timeout(),
        scripts.maxSamples(),
        Runtime.getRuntime().maxMemory() / 4,
        scripts.maxConcurrency(),
        scripts.lookback(),
        scripts.subqueryStep(),
        scripts.delayedNames(),
        scripts.startTimestamps(),
        scripts.typeLabels(),
        scripts.parser());
  }

  private static ScriptReport report(Engine engine, String file, Path folder) {
    String script;
    try {
      script = read(Path.of(file));
    } catch (NotText e) {
      return unreadable(file, e.line, "expected UTF-8");
    } catch (NoSuchFileException e) {
      return unreadable(file, 0, "no such file or directory");
    } catch (IOException e) {
      return unreadable(file, 0, e.toString());
    }
    DatabaseScriptStorage.Factory storages = new DatabaseScriptStorage.Factory(folder);
    return new ScriptRunner(engine, storages).run(file, script);
  }

  private static ScriptReport unreadable(String file, int line, String reason) {
    return new ScriptReport(file, 0, List.of(new ScriptReport.Failure(line, "", reason)));
  }

  private void print(String file, ScriptReport.Failure failure) {
    StringBuilder line = new StringBuilder(file).append(':');
    if (failure.line() > 0) {
      line.append(failure.line()).append(':');
    }
    if (!failure.command().isEmpty()) {
      line.append(' ').append(failure.command()).append(':');
    }
    out.print(line.append(' ').append(failure.reason()).append('\n'));
  }

  private static String read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer text = CharBuffer.allocate(bytes.length);
    if (decoder.decode(in, text, true).isError()) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw new NotText(line);
    }
    return text.flip().toString();
  }

  /** A file that is not UTF-8. */
  private static final class NotText extends IOException {
    private static final long serialVersionUID = 1;
    private final int line;

    NotText(int line) {
      this.line = line;
    }
  }
}
