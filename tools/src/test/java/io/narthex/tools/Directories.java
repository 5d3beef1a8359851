package io.narthex.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.GoFloat;
import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Data directories for tests, and what is in them. */
public final class Directories {

  public static final long RANGE = 7_200_000;
  public static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  public static final long STEP = 15_000;
  private static final int SERIES = 30;

  private Directories() {}

  /** What a program printed, and how it ended. */
  public record Said(int code, String out, String err) {
    public List<String> lines() {
      return out.lines().toList();
    }
  }

  /** A program in the program. */
  public interface Program {
    int run(List<String> arguments, PrintStream out, PrintStream err);
  }

  public static Said run(Program program, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        program.run(
            Arrays.asList(arguments),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Said(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  public static Database open(Path path) {
    Database database =
        Database.open(
            path,
            DatabaseOptions.DEFAULT.withWal(WalCompression.SNAPPY, 64 << 10),
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database.replay();
    return database;
  }

  /** Writes samples of the same series every 15 seconds, and answers how a dump shows them. */
  public static Set<String> write(Database database, long from, long to) {
    Set<String> lines = new HashSet<>();
    try (Appendable.AppendGroup group = database.group()) {
      for (long time = from; time < to; time += STEP) {
        Appender appender = group.appender();
        for (int s = 0; s < SERIES; s++) {
          Labels labels =
              Labels.of(
                  "__name__",
                  "metric_" + s % 5,
                  "job",
                  s % 2 == 0 ? "a \"quoted\" one" : "b",
                  "series",
                  Integer.toString(s));
          double value = s % 3 == 0 ? s : Math.sin(time / 1e6 + s) * 1e6;
          assertThat(appender.append(appender.series(labels), time, value))
              .isEqualTo(AppendResult.OK);
          lines.add(labels + " " + GoFloat.append(new StringBuilder(), value) + " " + time);
        }
        appender.commit();
      }
    }
    return lines;
  }

  /** Two blocks, a log with a checkpoint, head chunks; answers how a dump shows all of it. */
  public static Set<String> build(Path path) {
    try (Database database = open(path)) {
      Set<String> lines = write(database, T0, T0 + 3 * RANGE / 2 + 60_000);
      database.maintain();
      lines.addAll(write(database, T0 + 3 * RANGE / 2 + 60_000, T0 + 7 * RANGE / 2));
      database.maintain();
      assertThat(database.blockMetas()).hasSizeGreaterThanOrEqualTo(2);
      return lines;
    }
  }

  public static void copy(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All files with their content, and directories. */
  public static Map<String, String> tree(Path root) {
    Map<String, String> tree = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.toList()) {
        tree.put(
            root.relativize(path).toString(), Files.isDirectory(path) ? "directory" : hash(path));
      }
      return tree;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    return bytes.length + " bytes, " + Arrays.hashCode(bytes);
  }

  /** The blocks of a directory, by name. */
  public static List<Path> blocks(Path root) {
    try (Stream<Path> all = Files.list(root)) {
      return all.filter(p -> String.valueOf(p.getFileName()).length() == 26).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static List<Path> files(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      return new ArrayList<>(all.filter(Files::isRegularFile).sorted().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
