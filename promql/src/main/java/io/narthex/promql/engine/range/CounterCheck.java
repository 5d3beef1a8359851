package io.narthex.promql.engine.range;

import io.narthex.model.labels.Labels;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Metadata;
import io.narthex.promql.engine.core.Remarks;

/**
 * Remarks where a function for counters is applied to what does not look like one: by its type,
 * where types are labels, else by its name. A name is only checked when it is not that of the
 * series before.
 */
final class CounterCheck implements WindowFunction {

  private final WindowFunction function;
  private final boolean typeLabels;
  private String checked = "";

  CounterCheck(WindowFunction function, boolean typeLabels) {
    this.function = function;
    this.typeLabels = typeLabels;
  }

  @Override
  public void apply(Window window, SeriesRemarks remarks, Column into) {
    function.apply(window, remarks, into);
    if (!hasFloats(into)) {
      return;
    }
    Labels labels = remarks.labels();
    String name = labels.metricName();
    if (name.isEmpty() || (name.equals(checked) && !typeLabels)) {
      return;
    }
    checked = name;
    if (typeLabels) {
      String type = labels.getOrEmpty(Metadata.TYPE);
      if (!type.equals("counter") && !type.equals("histogram")) {
        remarks
            .annotations()
            .info(
                "metric might not be a counter, __type__ label is not set to \"counter\" or"
                    + " \"histogram\", got "
                    + Remarks.quoted(type)
                    + ": "
                    + Remarks.quoted(name),
                remarks.argument());
      }
    } else if (!name.endsWith("_total")
        && !name.endsWith("_sum")
        && !name.endsWith("_count")
        && !name.endsWith("_bucket")) {
      remarks
          .annotations()
          .info(
              "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
                  + Remarks.quoted(name),
              remarks.argument());
    }
  }

  private static boolean hasFloats(Column column) {
    for (double value : column.values()) {
      if (!Column.isAbsent(value)) {
        return true;
      }
    }
    return false;
  }
}
