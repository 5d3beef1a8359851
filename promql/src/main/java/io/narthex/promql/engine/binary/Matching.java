package io.narthex.promql.engine.binary;

import io.narthex.model.labels.Labels;
import io.narthex.promql.ast.VectorMatching;
import io.narthex.promql.engine.core.LabelIndex;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.Operator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which series of two vectors meet: the number of the match group of each series. Found once per
 * query.
 */
final class Matching {

  private final LabelProjection projection;
  private final boolean projects;
  private final LabelIndex index = new LabelIndex();
  private final int[] left;
  private final int[] right;

  /**
   * Matches two vectors.
   *
   * @param projects whether only the labels that are needed are made
   */
  Matching(VectorMatching matching, Operator left, Operator right, boolean projects) {
    this.projects = projects;
    projection =
        matching.on()
            ? LabelProjection.keeping(matching.labels())
            : LabelProjection.droppingWithMetric(matching.labels());
    this.left = groups(left);
    this.right = groups(right);
  }

  private int[] groups(Operator side) {
    int[] groups = new int[side.size()];
    byte[] scratch = new byte[256];
    for (int i = 0; i < groups.length; i++) {
      Labels labels = projects ? side.labels(i, projection) : side.labels(i);
      if (labels.packed().length > scratch.length) {
        scratch = new byte[labels.packed().length * 2];
      }
      groups[i] = index.number(scratch, projection.write(labels, scratch));
    }
    return groups;
  }

  /** The match group of each series of the left side. */
  int[] left() {
    return left;
  }

  /** The match group of each series of the right side. */
  int[] right() {
    return right;
  }

  /** The number of match groups. */
  int size() {
    return index.size();
  }

  /** The labels that a match group has in common. */
  Labels labels(int group) {
    return index.labels(group);
  }

  /** The series of each match group, in order. */
  static List<int[]> members(int[] groups, int size) {
    int[] counts = new int[size];
    for (int group : groups) {
      counts[group]++;
    }
    List<int[]> members = new ArrayList<>(size);
    for (int count : counts) {
      members.add(new int[count]);
    }
    Arrays.fill(counts, 0);
    for (int i = 0; i < groups.length; i++) {
      members.get(groups[i])[counts[groups[i]]++] = i;
    }
    return members;
  }
}
