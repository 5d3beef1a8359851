package io.narthex.tools.check;

import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.exposition.ExpositionTokenizer;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code check metrics}: whether a page keeps the conventions, and how many series it has. */
final class MetricsCheck {

  private static final int LINT_FAILURE = 3;
  private static final int PADDING = 4;

  private final PrintStream out;
  private final PrintStream err;

  MetricsCheck(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /**
   * Judges a page.
   *
   * @param lint whether conventions are looked at
   * @param extended whether a table of the series is printed
   */
  int run(InputStream in, boolean lint, boolean extended) throws IOException {
    Map<String, MetricFamily> families;
    try {
      families = parse(in.readAllBytes());
    } catch (ExpositionException e) {
      err.println("error while linting: " + e.getMessage());
      return 1;
    }
    if (lint) {
      List<MetricLint.Problem> problems = new ArrayList<>();
      families.values().forEach(family -> problems.addAll(MetricLint.of(family)));
      problems.sort(
          Comparator.comparing(MetricLint.Problem::metric)
              .thenComparing(MetricLint.Problem::text));
      problems.forEach(problem -> err.println(problem.metric() + " " + problem.text()));
      if (!problems.isEmpty()) {
        return LINT_FAILURE;
      }
    }
    if (extended) {
      table(List.copyOf(families.values()));
    }
    return 0;
  }

  private static Map<String, MetricFamily> parse(byte[] page) {
    Map<String, MetricFamily> families = new LinkedHashMap<>();
    ExpositionTokenizer tokenizer = new ExpositionTokenizer();
    tokenizer.reset(page, 0, page.length, ExpositionFormat.TEXT);
    LabelsBuilder labels = new LabelsBuilder();
    while (true) {
      switch (tokenizer.next()) {
        case TYPE -> family(families, tokenizer.name()).type(tokenizer.type());
        case HELP -> family(families, tokenizer.name()).help();
        case SERIES -> {
          labels.clear();
          tokenizer.labels(labels);
          String name = String.valueOf(labels.get("__name__"));
          family(families, base(families, name)).series(name, labels.build());
        }
        case UNIT, COMMENT -> {}
        case EOF -> {
          families.values().removeIf(MetricFamily::isEmpty);
          return families;
        }
      }
    }
  }

  private static MetricFamily family(Map<String, MetricFamily> families, String name) {
    return families.computeIfAbsent(name, MetricFamily::new);
  }

  /** The family of a series: that of a histogram or summary, or its own. */
  private static String base(Map<String, MetricFamily> families, String name) {
    for (String suffix : List.of("_bucket", "_sum", "_count")) {
      if (name.endsWith(suffix)) {
        String shorter = name.substring(0, name.length() - suffix.length());
        MetricFamily family = families.get(shorter);
        if (family != null
            && (family.type() == MetricType.HISTOGRAM
                || (family.type() == MetricType.SUMMARY && !suffix.equals("_bucket")))) {
          return shorter;
        }
      }
    }
    return name;
  }

  private void table(List<MetricFamily> families) {
    List<MetricFamily> sorted = new ArrayList<>(families);
    // Families of a page have no order of their own upstream; here they keep the page's.
    sorted.sort(Comparator.comparingInt(MetricFamily::cardinality).reversed());
    int total = sorted.stream().mapToInt(MetricFamily::cardinality).sum();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Metric", "Cardinality", "Percentage"));
    for (MetricFamily family : sorted) {
      rows.add(
          List.of(
              family.name(),
              Integer.toString(family.cardinality()),
              String.format(Locale.ROOT, "%.2f%%", 100.0 * family.cardinality() / total)));
    }
    rows.add(List.of("Total", Integer.toString(total), "100%"));
    int[] widths = new int[3];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length() + PADDING);
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length()));
      }
      out.println(line);
    }
  }
}
