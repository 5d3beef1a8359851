package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.server.config.Configuration;
import io.narthex.server.config.LoadOptions;
import io.narthex.testkit.FakeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AutoReloadTest {

  private static final Duration INTERVAL = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  /** Looks once more, and waits until that is over. */
  private static void look(FakeClock clock) throws InterruptedException {
    int sleeps = clock.sleeps();
    clock.advance(INTERVAL);
    clock.awaitSleeps(sleeps + 1);
  }

  @Test
  void allFilesThatMatterAreLookedAt() throws Exception {
    write("prometheus.yml", "scrape_configs: []\n");
    Path file = folder.resolve("prometheus.yml");
    FakeClock clock = new FakeClock(0);
    LoadOptions options = LoadOptions.DEFAULT.withExpandValues(true);
    AtomicReference<Configuration> inForce =
        new AtomicReference<>(Configuration.load(file, options));
    AtomicInteger reloads = new AtomicInteger();
    AutoReload watch =
        new AutoReload(
            file,
            INTERVAL,
            clock,
            inForce::get,
            () -> {
              reloads.incrementAndGet();
              inForce.set(Configuration.load(file, options));
            });
    try (watch) {
      clock.awaitSleepers(1);
      look(clock);
      assertThat(reloads).hasValue(0);

      // Refused, because of a file that it names.
      write("jobs.yml", "scrape_configs: [{}]\n");
      write("prometheus.yml", "scrape_config_files: [jobs.yml]\n");
      look(clock);
      assertThat(reloads).hasValue(1);
      assertThat(inForce.get().jobs()).isEmpty();
      look(clock);
      assertThat(reloads).as("what was refused is not tried again").hasValue(1);

      // The other file is mended; the main one stays as it is.
      write("jobs.yml", "scrape_configs: [{job_name: a}]\n");
      look(clock);
      assertThat(reloads).hasValue(2);
      assertThat(inForce.get().jobs()).hasSize(1);

      // A file whose content is filled into a value.
      write("secret", "a");
      write("prometheus.yml", "scrape_configs: [{job_name: '${file:secret}'}]\n");
      look(clock);
      assertThat(inForce.get().jobs().getFirst().jobName()).isEqualTo("a");
      write("secret", "b");
      look(clock);
      assertThat(inForce.get().jobs().getFirst().jobName()).isEqualTo("b");
    }
  }
}
