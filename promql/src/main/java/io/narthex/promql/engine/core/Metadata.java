package io.narthex.promql.engine.core;

import io.narthex.model.labels.Labels;
import java.util.List;

/** The labels that say what a metric is, and that go when a value is no longer that metric's. */
public final class Metadata {

  /** The label of the metric's type, where types are labels. */
  public static final String TYPE = "__type__";

  /** The label of the metric's unit, where units are labels. */
  public static final String UNIT = "__unit__";

  private static final LabelProjection DROP =
      LabelProjection.dropping(List.of(Labels.METRIC_NAME, TYPE, UNIT));

  private Metadata() {}

  /**
   * Whether a text can be a label's name: any but the empty one that is valid UTF-8. The parser
   * marks bytes that are not by lone surrogates.
   */
  public static boolean isLabelName(String text) {
    return !text.isEmpty()
        && text.codePoints()
            .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  /** The labels without name, type and unit. */
  public static Labels drop(Labels labels) {
    return DROP.apply(labels);
  }
}
