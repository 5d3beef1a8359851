package io.narthex.promql.engine.aggregate;

import io.narthex.model.labels.Labels;
import io.narthex.promql.engine.core.LabelIndex;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.Operator;
import java.util.List;

/**
 * Which series belong together: the number of the group of each series, in the order in which the
 * groups first appear.
 */
final class Grouping {

  private final int[] groups;
  private final LabelIndex index;

  private Grouping(int[] groups, LabelIndex index) {
    this.groups = groups;
    this.index = index;
  }

  static LabelProjection projection(List<String> names, boolean without) {
    return without ? LabelProjection.droppingWithMetric(names) : LabelProjection.keeping(names);
  }

  /**
   * Groups series.
   *
   * @param projects whether only the labels that are needed are made
   */
  static Grouping of(Operator input, List<String> names, boolean without, boolean projects) {
    LabelProjection projection = projection(names, without);
    LabelIndex index = new LabelIndex();
    int[] groups = new int[input.size()];
    if (projection.keepsNothing()) {
      if (groups.length > 0) {
        index.number(Labels.EMPTY);
      }
      return new Grouping(groups, index);
    }
    byte[] scratch = new byte[256];
    for (int i = 0; i < groups.length; i++) {
      Labels labels = projects ? input.labels(i, projection) : input.labels(i);
      if (labels.packed().length > scratch.length) {
        scratch = new byte[labels.packed().length * 2];
      }
      groups[i] = index.number(scratch, projection.write(labels, scratch));
    }
    return new Grouping(groups, index);
  }

  /** The group of a series. */
  int group(int series) {
    return groups[series];
  }

  /** The number of groups. */
  int size() {
    return index.size();
  }

  /** The labels of a group. */
  Labels labels(int group) {
    return index.labels(group);
  }
}
