package io.narthex.tools.check;

import io.narthex.base.time.Clock;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.DiscoveryMetrics;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.scrape.TargetPreview;
import io.narthex.scrape.config.ScrapeConfig;
import io.narthex.server.BuildInfo;
import io.narthex.server.config.ConfigException;
import io.narthex.server.config.Configuration;
import io.narthex.server.config.LoadOptions;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@code check service-discovery}: what a job finds, and what becomes of it. */
final class DiscoveryCheck {

  private final PrintStream out;
  private final PrintStream err;

  DiscoveryCheck(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /**
   * Prints the targets of a job.
   *
   * @param timeout how long a mechanism that waits for answers may take
   */
  int run(String file, String jobName, Duration timeout) {
    Configuration configuration;
    try {
      configuration = Configuration.check(Path.of(file), LoadOptions.DEFAULT);
    } catch (ConfigException e) {
      err.println("Cannot load config: " + e.getMessage());
      return 1;
    }
    List<ScrapeConfig> jobs = configuration.jobs();
    Optional<ScrapeConfig> job =
        jobs.stream().filter(each -> each.jobName().equals(jobName)).findFirst();
    if (job.isEmpty()) {
      err.println("Job " + jobName + " not found. Select one of:");
      jobs.forEach(each -> err.println("\t" + each.jobName()));
      return 1;
    }
    print(TargetPreview.of(job.get(), groups(job.get(), timeout)));
    return 0;
  }

  private static List<TargetGroup> groups(ScrapeConfig job, Duration timeout) {
    List<TargetGroup> groups = new ArrayList<>();
    DiscoveryContext context =
        new DiscoveryContext(
            Clock.SYSTEM,
            new DiscoveryMetrics(new PrometheusRegistry(), "scrape"),
            "Prometheus/" + BuildInfo.PROMETHEUS_VERSION);
    for (DiscoveryConfig config : job.discovery()) {
      Discovery discovery = config.open(context);
      List<TargetGroup> known = discovery.known();
      groups.addAll(known.isEmpty() ? awaited(discovery, timeout) : known);
    }
    return groups;
  }

  /** What a mechanism finds that knows nothing without asking. */
  private static List<TargetGroup> awaited(Discovery discovery, Duration timeout) {
    Map<String, TargetGroup> found = new LinkedHashMap<>();
    CountDownLatch first = new CountDownLatch(1);
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                discovery.run(groups -> {
                  synchronized (found) {
                    groups.forEach(group -> found.put(group.source(), group));
                  }
                  first.countDown();
                });
              } catch (InterruptedException e) {
                // Asked to: whoever started it has seen enough.
                Thread.currentThread().interrupt();
              } finally {
                first.countDown();
              }
            });
    try {
      boolean inTime = first.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
      thread.interrupt();
      if (inTime) {
        thread.join(Duration.ofSeconds(1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (found) {
      return List.copyOf(found.values());
    }
  }

  /** As upstream indents it. */
  private void print(List<TargetPreview> targets) {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < targets.size(); i++) {
      TargetPreview target = targets.get(i);
      text.append(i == 0 ? "\n  {\n" : ",\n  {\n");
      labels(text, "discoveredLabels", target.discovered());
      text.append(",\n");
      labels(text, "labels", target.labels());
      if (!target.error().isEmpty()) {
        text.append(",\n    \"error\": ").append(quoted(target.error()));
      }
      text.append("\n  }");
    }
    text.append(targets.isEmpty() ? "]" : "\n]");
    out.print(text);
  }

  private static void labels(StringBuilder text, String key, Labels labels) {
    text.append("    \"").append(key).append("\": {");
    int from = text.length();
    labels.forEach((name, value) ->
        text.append(text.length() == from ? "\n      " : ",\n      ")
            .append(quoted(name))
            .append(": ")
            .append(quoted(value)));
    text.append(labels.isEmpty() ? "}" : "\n    }");
  }

  /** A JSON text as Go writes it, which spares browsers angle brackets and ampersands. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> quoted.append('\\').append(c);
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        case '<', '>', '&' -> quoted.append("\\u%04x".formatted((int) c));
        default -> {
          if (c < ' ') {
            quoted.append("\\u%04x".formatted((int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
