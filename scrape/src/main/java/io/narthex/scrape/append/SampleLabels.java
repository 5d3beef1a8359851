package io.narthex.scrape.append;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.text.GoQuote;
import io.narthex.model.labels.LabelName;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.relabel.Relabelling;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What happens to the labels of a sample that is seen for the first time. */
final class SampleLabels {

  /** The answer for a sample that is stored. */
  static final int KEPT = Relabelling.KEPT;

  /** The answer for a sample that is dropped because it has no labels any more. */
  static final int NO_LABELS = KEPT - 1;

  private static final String EXPORTED = "exported_";

  private record Conflict(String name, String value) {}

  /**
   * Adds the target's labels, relabels and checks.
   *
   * @return {@link #KEPT}, or which rule drops the sample, or {@link #NO_LABELS}
   * @throws PageException if the labels break a rule, which fails the whole page
   */
  int finish(LabelsBuilder labels, Labels target, SampleRules rules) {
    addTarget(labels, target, rules.honorLabels());
    int rule = rules.relabelling().applyAsInt(labels);
    if (rule != KEPT) {
      return rule;
    }
    if (labels.size() == 0) {
      return NO_LABELS;
    }
    check(labels, rules);
    return KEPT;
  }

  private static void addTarget(LabelsBuilder labels, Labels target, boolean honor) {
    List<Conflict> conflicts = new ArrayList<>(0);
    byte[] packed = target.packed();
    for (Labels.Cursor c = target.cursor(); c.next(); ) {
      boolean exposed = labels.has(packed, c.nameFrom(), c.nameLength());
      if (exposed && honor) {
        continue;
      }
      if (exposed) {
        String name = c.name();
        String value = labels.get(name);
        conflicts.add(new Conflict(name, value == null ? "" : value));
      }
      labels.set(packed, c.nameFrom(), c.nameLength(), packed, c.valueFrom(), c.valueLength());
    }
    if (conflicts.isEmpty()) {
      return;
    }
    // The shortest first, so that "exported_a" of the page does not take the place of its "a".
    conflicts.sort(Comparator.comparingInt(c -> c.name().length()));
    for (Conflict conflict : conflicts) {
      String name = EXPORTED + conflict.name();
      while (labels.get(name) != null) {
        name = EXPORTED + name;
      }
      labels.set(name, conflict.value());
    }
  }

  private static void check(LabelsBuilder labels, SampleRules rules) {
    SampleLimits limits = rules.limits();
    String metric = labels.get(Labels.METRIC_NAME);
    if (metric == null) {
      throw new PageException(PageException.Rule.NAMES, "missing metric name (__name__ label)");
    }
    if (rules.legacyNames() && !hasLegacyNames(labels, metric)) {
      throw new PageException(
          PageException.Rule.NAMES, "invalid metric name or label names: " + labels.build());
    }
    if (limits.labels() > 0 && labels.size() > limits.labels()) {
      throw tooLong(
          "label_limit exceeded (metric: "
              + cut(metric)
              + ", number of labels: "
              + labels.size()
              + ", limit: "
              + limits.labels()
              + ")");
    }
    if (limits.labelNameLength() == 0 && limits.labelValueLength() == 0) {
      return;
    }
    for (int i = 0; i < labels.size(); i++) {
      checkLengths(metric, labels.name(i), labels.value(i), limits);
    }
  }

  private static void checkLengths(String metric, String name, String value, SampleLimits limits) {
    int length = Utf8.bytes(name).length;
    if (limits.labelNameLength() > 0 && length > limits.labelNameLength()) {
      throw tooLong(
          "label_name_length_limit exceeded (metric: "
              + cut(metric)
              + ", label name: "
              + cut(name)
              + ", length: "
              + length
              + ", limit: "
              + limits.labelNameLength()
              + ")");
    }
    length = Utf8.bytes(value).length;
    if (limits.labelValueLength() > 0 && length > limits.labelValueLength()) {
      throw tooLong(
          "label_value_length_limit exceeded (metric: "
              + cut(metric)
              + ", label name: "
              + cut(name)
              + ", value: "
              + GoQuote.quote(cut(value))
              + ", length: "
              + length
              + ", limit: "
              + limits.labelValueLength()
              + ")");
    }
  }

  private static boolean hasLegacyNames(LabelsBuilder labels, String metric) {
    for (int i = 0; i < labels.size(); i++) {
      if (!LabelName.isLegacy(labels.name(i))) {
        return false;
      }
    }
    return LabelName.isLegacyMetric(metric);
  }

  private static PageException tooLong(String message) {
    return new PageException(PageException.Rule.LABEL_LIMIT, message);
  }

  /** Go's {@code %.50s}. */
  private static String cut(String text) {
    int length = Math.min(50, text.codePointCount(0, text.length()));
    return text.substring(0, text.offsetByCodePoints(0, length));
  }
}
