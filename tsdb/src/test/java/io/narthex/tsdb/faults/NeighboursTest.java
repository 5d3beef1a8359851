package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.storage.StorageException;
import io.narthex.testkit.Peers;
import io.narthex.tsdb.Database;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Two processes on one directory: the second one is sent away. */
class NeighboursTest extends FaultBed {

  /** Another one of ours: opens the directory, says so, and waits to be killed. */
  public static final class Other {
    private Other() {}

    public static void main(String[] arguments) throws Exception {
      Database database =
          Database.openAndReplay(Path.of(arguments[0]), OPTIONS, new PrometheusRegistry());
      System.out.println("open " + database.isReady());
      System.out.flush();
      System.in.read();
    }
  }

  private Process other() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                path.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder said = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.equals("open true")) {
        return process;
      }
      said.append(line).append('\n');
    }
    throw new AssertionError("the other process has not started: " + said);
  }

  @Test
  void theOneThatHoldsTheDirectoryIsNamed() throws Exception {
    Database first = open();
    fill(first, 5);
    first.close();
    Process other = other();
    try {
      assertThatThrownBy(this::open)
          .isInstanceOf(StorageException.class)
          .hasMessage(
              "the data directory "
                  + path
                  + " is in use by another process (pid "
                  + other.pid()
                  + ", java), which holds the lock on "
                  + path.resolve("lock"));
    } finally {
      other.destroyForcibly().onExit().join();
    }
    // Killed, it has left its lock file behind.
    Database database = open();
    assertThat(metric("clean_start")).isZero();
    log.assertSays("WARN", "a lock file from a previous run was there and is replaced");
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void prometheusIsNamedToo() throws Exception {
    Peers.program("prometheus35");
    Database first = open();
    fill(first, 5);
    first.close();
    try (Prometheus prometheus = new Prometheus(path)) {
      prometheus.awaitReady();
      assertThatThrownBy(this::open)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("is in use by another process (pid ")
          .hasMessageContaining(", prometheus")
          .hasMessageContaining("which holds the lock on " + path.resolve("lock"));
    }
    assertRunsOnAndPrometheusAgrees(open());
  }

  @Test
  void prometheusDoesNotOpenWhatWeHave() throws Exception {
    Peers.program("prometheus35");
    Database database = open();
    fill(database, 5);
    try (Prometheus prometheus = new Prometheus(path)) {
      assertThat(prometheus.awaitEnd()).contains("lock DB directory");
    }
    assertThat(Files.exists(path.resolve("lock"))).isTrue();
    assertRunsOnAndPrometheusAgrees(database);
  }
}
