package io.narthex.scrape;

import io.narthex.base.text.GoQuote;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.duration.DurationException;
import io.narthex.model.duration.Durations;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.relabel.Relabelling;
import io.narthex.scrape.config.HistogramOptions;
import io.narthex.scrape.config.ScrapeConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes the targets of a job from what was discovered. */
final class TargetFactory {

  static final String INTERVAL = "__scrape_interval__";
  static final String TIMEOUT = "__scrape_timeout__";
  private static final String PATH = "__metrics_path__";
  private static final String SCHEME = "__scheme__";
  private static final String PARAMETER = "__param_";
  private static final String META = "__meta_";

  /** What became of the targets of some groups. */
  static final class Made {
    final List<Target> targets = new ArrayList<>();
    final List<DroppedTarget> dropped = new ArrayList<>();
    final List<FaultyTarget> faulty = new ArrayList<>();
    final List<String> failures = new ArrayList<>();
    int droppedCount;
  }

  /** A target that cannot be; the message is Prometheus'. */
  private static final class BadTarget extends Exception {
    private static final long serialVersionUID = 1;

    BadTarget(String message) {
      super(message, null, false, false);
    }
  }

  private final ScrapeConfig config;
  private final Relabelling relabelling;
  private final LabelsBuilder builder = new LabelsBuilder();

  TargetFactory(ScrapeConfig config) {
    this.config = config;
    this.relabelling = Relabelling.of(config.relabelling());
  }

  Made make(List<TargetGroup> groups) {
    Made made = new Made();
    for (TargetGroup group : groups) {
      for (int i = 0; i < group.targets().size(); i++) {
        try {
          make(group, group.targets().get(i), made);
        } catch (BadTarget e) {
          made.failures.add(
              "instance " + i + " in group " + group.source() + ": " + e.getMessage());
          if (isRemembered(made.faulty)) {
            Labels found = discovered(group, group.targets().get(i));
            made.faulty.add(
                new FaultyTarget(config.jobName(), found, String.valueOf(e.getMessage())));
          }
        }
      }
    }
    return made;
  }

  /** Whether one more is remembered of what is not scraped. */
  private boolean isRemembered(List<?> already) {
    long most = config.limits().keepDroppedTargets();
    return most == 0 || already.size() < most;
  }

  private void make(TargetGroup group, Labels own, Made made) throws BadTarget {
    Labels discovered = discovered(group, own);
    int rule = relabelling.dropping(builder);
    if (rule != Relabelling.KEPT) {
      if (isRemembered(made.dropped)) {
        DropRule by = new DropRule(rule, config.relabelling().get(rule));
        made.dropped.add(new DroppedTarget(config.jobName(), discovered, by));
      }
      made.droppedCount++;
      return;
    }
    String address = text(TargetGroup.ADDRESS);
    if (address.isEmpty()) {
      throw new BadTarget("no address");
    }
    if (address.indexOf('/') >= 0) {
      throw new BadTarget(GoQuote.quote(address) + " is not a valid hostname");
    }
    Duration interval = duration(INTERVAL, "interval");
    Duration timeout = duration(TIMEOUT, "timeout");
    if (timeout.compareTo(interval) > 0) {
      throw new BadTarget(
          "scrape timeout cannot be greater than scrape interval ("
              + GoQuote.quote(text(TIMEOUT))
              + " > "
              + GoQuote.quote(text(INTERVAL))
              + ")");
    }
    removeMeta();
    if (text("instance").isEmpty()) {
      builder.set("instance", address);
    }
    TargetUrl url = TargetUrl.of(text(SCHEME), address, text(PATH), parameters());
    made.targets.add(
        new Target(config.jobName(), builder.build(), discovered, url, interval, timeout));
  }

  /** The labels of a target before relabelling. */
  Labels discovered(TargetGroup group, Labels own) {
    builder.from(group.labels());
    own.forEach(builder::set);
    addDefaults();
    return builder.build();
  }

  private void addDefaults() {
    setIfAbsent("job", config.jobName());
    setIfAbsent(INTERVAL, Durations.print(config.interval()));
    setIfAbsent(TIMEOUT, Durations.print(config.timeout()));
    setIfAbsent(PATH, config.metricsPath());
    setIfAbsent(SCHEME, config.scheme());
    HistogramOptions histograms = config.histograms();
    setIfAbsent("__scrape_native_histograms__", String.valueOf(histograms.scrapeNative()));
    setIfAbsent(
        "__convert_classic_histograms_to_nhcb__", String.valueOf(histograms.toCustomBuckets()));
    setIfAbsent(
        "__always_scrape_classic_histograms__", String.valueOf(histograms.alwaysScrapeClassic()));
    config
        .params()
        .forEach((name, values) -> {
          if (!values.isEmpty()) {
            setIfAbsent(PARAMETER + name, values.getFirst());
          }
        });
  }

  private void setIfAbsent(String name, String value) {
    if (builder.get(name) == null) {
      builder.set(name, value);
    }
  }

  private String text(String name) {
    String value = builder.get(name);
    return value == null ? "" : value;
  }

  private Duration duration(String label, String what) throws BadTarget {
    Duration duration;
    try {
      duration = Durations.parse(text(label));
    } catch (DurationException e) {
      throw new BadTarget("error parsing scrape " + what + ": " + e.getMessage());
    }
    if (duration.isZero()) {
      throw new BadTarget("scrape " + what + " cannot be 0");
    }
    return duration;
  }

  private void removeMeta() {
    for (int i = builder.size() - 1; i >= 0; i--) {
      String name = builder.name(i);
      if (name.startsWith(META)) {
        builder.remove(name);
      }
    }
  }

  /** The job's parameters, the first value of each replaced by what the labels say. */
  private Map<String, List<String>> parameters() {
    Map<String, List<String>> parameters = new TreeMap<>(config.params());
    for (int i = 0; i < builder.size(); i++) {
      String name = builder.name(i);
      if (name.startsWith(PARAMETER)) {
        String parameter = name.substring(PARAMETER.length());
        List<String> values = new ArrayList<>(parameters.getOrDefault(parameter, List.of()));
        if (values.isEmpty()) {
          values.add(builder.value(i));
        } else {
          values.set(0, builder.value(i));
        }
        parameters.put(parameter, values);
      }
    }
    return parameters;
  }
}
