package io.narthex.tools.check;

import io.narthex.model.exposition.MetricType;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.util.LinkedHashSet;
import java.util.Set;

/** The series of a page that belong together. */
final class MetricFamily {

  private final String name;
  private final Set<Labels> metrics = new LinkedHashSet<>();
  private final Set<Labels> series = new LinkedHashSet<>();
  private final Set<String> labelNames = new LinkedHashSet<>();
  private MetricType type = MetricType.UNKNOWN;
  private boolean hasHelp;
  private boolean hasDuplicates;

  /** The buckets or quantiles of the first metric. */
  private int parts;

  private Labels first = Labels.EMPTY;

  MetricFamily(String name) {
    this.name = name;
  }

  void type(MetricType its) {
    type = its;
  }

  void help() {
    hasHelp = true;
  }

  void series(String seriesName, Labels labels) {
    String part =
        switch (type) {
          case HISTOGRAM -> seriesName.endsWith("_bucket") ? "le" : "";
          case SUMMARY -> seriesName.equals(name) ? "quantile" : "";
          default -> "";
        };
    LabelsBuilder builder = new LabelsBuilder();
    labels.forEach((label, value) -> {
      if (!label.equals("__name__") && !label.equals(part)) {
        builder.set(label, value);
        labelNames.add(label);
      }
    });
    Labels metric = builder.build();
    hasDuplicates |= !series.add(labels);
    if (metrics.isEmpty()) {
      first = metric;
    }
    metrics.add(metric);
    if (!part.isEmpty() && metric.equals(first)) {
      parts++;
    }
  }

  String name() {
    return name;
  }

  MetricType type() {
    return type;
  }

  boolean hasHelp() {
    return hasHelp;
  }

  boolean hasDuplicates() {
    return hasDuplicates;
  }

  /** The names of labels, but those that buckets and quantiles have. */
  Set<String> labelNames() {
    return labelNames;
  }

  boolean isEmpty() {
    return series.isEmpty();
  }

  /** How many series it makes, as upstream counts them: all metrics have as many as the first. */
  int cardinality() {
    return switch (type) {
      case HISTOGRAM, SUMMARY -> metrics.size() * (2 + parts);
      default -> metrics.size();
    };
  }
}
