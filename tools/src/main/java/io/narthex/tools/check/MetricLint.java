package io.narthex.tools.check;

import io.narthex.model.exposition.MetricType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The conventions for metrics, as upstream's linter knows them; source: <a
 * href="https://prometheus.io/docs/practices/naming/">Metric and label naming</a>.
 */
final class MetricLint {

  /** What a metric does not keep. */
  record Problem(String metric, String text) {}

  private static final List<String> BASE_UNITS =
      List.of(
          "amperes", "bytes", "celsius", "grams", "joules", "kelvin", "meters", "metres", "moles",
          "seconds", "volts");

  /** Other units and what to use instead. */
  private static final Map<String, String> OTHER_UNITS =
      Map.ofEntries(
          Map.entry("minutes", "seconds"),
          Map.entry("hours", "seconds"),
          Map.entry("days", "seconds"),
          Map.entry("weeks", "seconds"),
          Map.entry("kelvins", "kelvin"),
          Map.entry("fahrenheit", "celsius"),
          Map.entry("rankine", "celsius"),
          Map.entry("inches", "meters"),
          Map.entry("yards", "meters"),
          Map.entry("miles", "meters"),
          Map.entry("bits", "bytes"),
          Map.entry("calories", "joules"),
          Map.entry("pounds", "grams"),
          Map.entry("ounces", "grams"));

  private static final List<String> PREFIXES =
      List.of(
          "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi",
          "mega", "mibi", "giga", "gibi", "tera", "tebi", "peta", "pebi");

  private static final List<String> ABBREVIATIONS =
      List.of("s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d");

  private static final List<String> TYPES =
      List.of("counter", "gauge", "summary", "histogram", "gauge_histogram");

  private MetricLint() {}

  /** What a family does not keep. */
  static List<Problem> of(MetricFamily family) {
    List<String> found = new ArrayList<>();
    if (!family.hasHelp()) {
      found.add("no help text");
    }
    unit(family.name(), found);
    suffixes(family, found);
    String name = family.name();
    for (String type : TYPES) {
      if (name.contains("_" + type + "_") || name.endsWith("_" + type)) {
        found.add("metric name should not include type '" + type + "'");
      }
    }
    if (name.indexOf(':') >= 0) {
      found.add("metric names should not contain ':'");
    }
    if (isCamelCase(name)) {
      found.add("metric names should be written in 'snake_case' not 'camelCase'");
    }
    for (String label : family.labelNames()) {
      if (isCamelCase(label)) {
        found.add("label names should be written in 'snake_case' not 'camelCase'");
      }
    }
    String folded = name.toLowerCase(Locale.ROOT);
    for (String unit : ABBREVIATIONS) {
      if (folded.contains("_" + unit + "_") || folded.endsWith("_" + unit)) {
        found.add("metric names should not contain abbreviated units");
      }
    }
    if (family.hasDuplicates()) {
      found.add("metric not unique");
    }
    return found.stream().map(text -> new Problem(name, text)).toList();
  }

  /** The first word of a name that is a unit must be a base unit. */
  private static void unit(String name, List<String> found) {
    for (String word : name.split("_", -1)) {
      String base = baseOf(word);
      if (!base.isEmpty()) {
        if (!base.equals(word)) {
          found.add("use base unit \"" + base + "\" instead of \"" + word + "\"");
        }
        return;
      }
    }
  }

  private static String baseOf(String word) {
    if (BASE_UNITS.contains(word)) {
      return word;
    }
    String other = OTHER_UNITS.get(word);
    if (other != null) {
      return other;
    }
    for (String prefix : PREFIXES) {
      if (word.startsWith(prefix)) {
        String rest = word.substring(prefix.length());
        if (BASE_UNITS.contains(rest)) {
          return rest;
        }
        String base = OTHER_UNITS.get(rest);
        if (base != null) {
          return base;
        }
      }
    }
    return "";
  }

  /** Ends of names, and labels, that belong to one type. */
  private static void suffixes(MetricFamily family, List<String> found) {
    MetricType type = family.type();
    if (type == MetricType.UNKNOWN) {
      return;
    }
    String name = family.name();
    boolean total = name.endsWith("_total");
    if (type == MetricType.COUNTER && !total) {
      found.add("counter metrics should have \"_total\" suffix");
    }
    if (type != MetricType.COUNTER && total) {
      found.add("non-counter metrics should not have \"_total\" suffix");
    }
    boolean histogram = type == MetricType.HISTOGRAM;
    boolean summary = type == MetricType.SUMMARY;
    if (!histogram && name.endsWith("_bucket")) {
      found.add("non-histogram metrics should not have \"_bucket\" suffix");
    }
    for (String suffix : List.of("_count", "_sum")) {
      if (!histogram && !summary && name.endsWith(suffix)) {
        found.add(
            "non-histogram and non-summary metrics should not have \"" + suffix + "\" suffix");
      }
    }
    if (!histogram && family.labelNames().contains("le")) {
      found.add("non-histogram metrics should not have \"le\" label");
    }
    if (!summary && family.labelNames().contains("quantile")) {
      found.add("non-summary metrics should not have \"quantile\" label");
    }
  }

  private static boolean isCamelCase(String name) {
    for (int i = 1; i < name.length(); i++) {
      char before = name.charAt(i - 1);
      char letter = name.charAt(i);
      if (before >= 'a' && before <= 'z' && letter >= 'A' && letter <= 'Z') {
        return true;
      }
    }
    return false;
  }
}
