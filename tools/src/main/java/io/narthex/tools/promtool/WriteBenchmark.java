package io.narthex.tools.promtool;

import io.narthex.base.bytes.GoFloat;
import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.StorageException;
import io.narthex.tools.readonly.ReadOnlyDatabase;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes made-up scrapes of given series into a new database, as fast as it can, and says how fast
 * that was: a thousand series and a hundred scrapes to a piece of work, as many pieces at a time as
 * there are cores. Upstream also writes profiles of its own runtime, for which there is nothing
 * here.
 */
final class WriteBenchmark {

  private static final long STEP = 30_000;
  private static final int SERIES = 1000;
  private static final int SCRAPES = 100;

  /** A part of the run, which is timed. */
  private interface Stage<T> {
    T run() throws IOException;
  }

  private final PrintStream out;
  private final Path path;
  private long lastNanos;

  /**
   * @param path what is there is deleted
   */
  WriteBenchmark(PrintStream out, Path path) {
    this.out = out;
    this.path = path;
  }

  void run(Path file, long metrics, long scrapes) throws IOException {
    Disk disk = Disk.SYSTEM;
    disk.deleteTree(path);
    disk.createDirectories(path);
    try (Database database =
        Database.open(
            path.resolve("storage"),
            DatabaseOptions.DEFAULT,
            disk,
            new ReadOnlyDatabase.RestingClock(),
            new PrometheusRegistry())) {
      database.replay();
      List<Labels> series = measured("readData", () -> read(file, metrics));
      long total = measured("ingestScrapes", () -> ingest(database, series, scrapes));
      line(" > total samples: " + total);
      double rate = total / (lastNanos / 1e9);
      line(" > samples/sec: " + GoFloat.append(new StringBuilder(), rate));
      measured(
          "stopStorage",
          () -> {
            database.close();
            return true;
          });
    }
  }

  private <T> T measured(String name, Stage<T> stage) throws IOException {
    line(">> start stage=" + name);
    long start = Clock.SYSTEM.nanos();
    T result = stage.run();
    lastNanos = Math.max(1, Clock.SYSTEM.nanos() - start);
    line(">> completed stage=" + name + " duration=" + GoText.duration(lastNanos / 1_000_000));
    return result;
  }

  /** Reads label sets, one JSON object of texts to a line. */
  private static List<Labels> read(Path file, long most) throws IOException {
    Set<Labels> all = new LinkedHashSet<>();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = reader.readLine();
          line != null && all.size() < most;
          line = reader.readLine()) {
        number++;
        LabelsBuilder labels = new LabelsBuilder();
        String plain = line.replace("\"", "").replace("{", "").replace("}", "");
        int from = 0;
        while (from < plain.length()) {
          int comma = plain.indexOf(',', from);
          int to = comma < 0 ? plain.length() : comma;
          int colon = plain.indexOf(':', from);
          if (colon < 0 || colon >= to) {
            throw new StorageException(
                file
                    + ":"
                    + number
                    + ": expected \"name\":\"value\", got "
                    + plain.substring(from, to));
          }
          labels.set(plain.substring(from, colon).strip(), plain.substring(colon + 1, to).strip());
          from = to + 1;
        }
        all.add(labels.build());
      }
    } catch (NoSuchFileException e) {
      throw new StorageException("open " + file + ": no such file or directory", e);
    }
    return new ArrayList<>(all);
  }

  private long ingest(Database database, List<Labels> series, long scrapes) {
    long total = 0;
    try (ExecutorService workers =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      for (long done = 0; done < scrapes; done += SCRAPES) {
        long base = STEP * done;
        List<Future<Long>> pieces = new ArrayList<>();
        for (int i = 0; i < series.size(); i += SERIES) {
          List<Labels> piece = series.subList(i, Math.min(series.size(), i + SERIES));
          pieces.add(workers.submit(() -> ingestPiece(database, piece, base)));
        }
        for (Future<Long> piece : pieces) {
          total += piece.get();
        }
      }
    } catch (ExecutionException e) {
      throw new StorageException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException("interrupted", e);
    }
    line("ingestion completed");
    return total;
  }

  private static long ingestPiece(Database database, List<Labels> series, long base) {
    long[] handles = new long[series.size()];
    long value = 123_456_789;
    long total = 0;
    try (Appendable.AppendGroup group = database.group()) {
      for (int scrape = 1; scrape <= SCRAPES; scrape++) {
        Appender appender = group.appender();
        value += 1000;
        for (int i = 0; i < handles.length; i++) {
          if (handles[i] == 0) {
            handles[i] = appender.series(series.get(i));
          }
          AppendResult result = appender.append(handles[i], base + scrape * STEP, value);
          if (result != AppendResult.OK) {
            appender.rollback();
            throw new StorageException(result.message() + ": " + series.get(i));
          }
          total++;
        }
        appender.commit();
      }
    }
    return total;
  }

  private void line(String text) {
    out.print(text + "\n");
  }
}
