package io.narthex.scrape.append;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The exemplars of one sample. */
final class ExemplarBatch {

  /**
   * An exemplar as a page has it.
   *
   * @param explicit whether the timestamp is its own
   */
  record PageExemplar(long timestamp, boolean explicit, double value, Labels labels) {}

  private static final Comparator<PageExemplar> BY_TIME =
      Comparator.comparingLong(PageExemplar::timestamp)
          .thenComparingDouble(PageExemplar::value)
          .thenComparing(PageExemplar::labels);

  private final LabelsBuilder builder = new LabelsBuilder();
  private final List<PageExemplar> exemplars = new ArrayList<>();

  void clear() {
    exemplars.clear();
  }

  /** For reading the labels of the next exemplar into. */
  LabelsBuilder builder() {
    return builder;
  }

  /** Adds an exemplar with the builder's labels. */
  void add(long timestamp, boolean explicit, double value) {
    exemplars.add(new PageExemplar(timestamp, explicit, value, builder.build()));
  }

  void addAll(ExemplarBatch others) {
    exemplars.addAll(others.exemplars);
  }

  boolean isEmpty() {
    return exemplars.isEmpty();
  }

  /** Takes away those without a time of their own, which histograms do not have. */
  void keepExplicit() {
    exemplars.removeIf(e -> !e.explicit());
  }

  /** All of them, the oldest first. */
  List<PageExemplar> sorted() {
    if (exemplars.size() > 1) {
      exemplars.sort(BY_TIME);
    }
    return exemplars;
  }
}
