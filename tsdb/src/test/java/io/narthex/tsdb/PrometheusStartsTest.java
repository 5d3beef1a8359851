package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.chunk.SampleForms;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus 3.5, which knows no start timestamps, does with a directory that has some. */
class PrometheusStartsTest {

  private static final long RANGE = 7_200_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final int STEP = 15_000;
  private static final Labels SERIES = Labels.of("__name__", "m");
  private static final SampleForms STARTS = new SampleForms(true, true, true);

  @TempDir private Path folder;

  private static Database open(Path path, SampleForms forms) {
    Database database =
        Database.open(
            path,
            DatabaseOptions.DEFAULT.withForms(forms).withCheckMemory(true),
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database.replay();
    return database;
  }

  private static void fill(Database database, int from, int to) {
    try (AppendGroup group = database.group()) {
      for (int r = from; r < to; r++) {
        Appender appender = group.appender();
        long handle = appender.series(SERIES);
        assertThat(appender.appendStarted(handle, T0 - 1, T0 + (long) r * STEP, r))
            .isEqualTo(AppendResult.OK);
        appender.commit();
      }
    }
  }

  @Test
  void probe() throws Exception {
    Path path = folder.resolve("log");
    try (Database database = open(path, STARTS)) {
      fill(database, 0, 50);
    }
    try (PrometheusProcess peer = new PrometheusProcess(path)) {
      System.out.println("PROBE log: " + peer.samples(T0 - 1, T0 + RANGE));
      System.out.println(peer.log());
    } catch (AssertionError e) {
      System.out.println("PROBE log failed " + e);
    }
    path = folder.resolve("head");
    try (Database database = open(path, STARTS)) {
      fill(database, 0, 300);
    }
    try (PrometheusProcess peer = new PrometheusProcess(path)) {
      System.out.println("PROBE head: " + peer.samples(T0 - 1, T0 + RANGE));
      System.out.println(peer.log());
    } catch (AssertionError e) {
      System.out.println("PROBE head failed " + e);
    }
    path = folder.resolve("block");
    try (Database database = open(path, STARTS)) {
      fill(database, 0, 1000);
      database.maintain();
    }
    try (PrometheusProcess peer = new PrometheusProcess(path)) {
      System.out.println("PROBE block ready");
      System.out.println(peer.log());
      System.out.println("PROBE block: " + peer.samples(T0 - 1, T0 + RANGE));
    } catch (AssertionError e) {
      System.out.println("PROBE block failed " + e);
    }
    assertThat(StartedText.samples(open(path, STARTS))).isNotEmpty();
  }
}
