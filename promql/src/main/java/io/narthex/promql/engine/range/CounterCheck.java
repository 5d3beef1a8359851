package io.narthex.promql.engine.range;

import io.narthex.base.bytes.Utf8;
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

  private static final byte[] METRIC_NAME = Utf8.bytes(Labels.METRIC_NAME);

  private final WindowFunction function;
  private final boolean typeLabels;
  private byte[] checked = new byte[0];

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
    Labels labels = remarks.metadata();
    Labels.Cursor cursor = labels.cursor();
    if (!cursor.find(METRIC_NAME)) {
      return;
    }
    if (!typeLabels
        && Utf8.equal(
            cursor.bytes(), cursor.valueFrom(), cursor.valueLength(), checked, 0, checked.length)) {
      return;
    }
    String name = cursor.value();
    checked = Utf8.bytes(name);
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
