package io.narthex.tsdb.head;

import io.narthex.model.labels.Labels;
import io.narthex.storage.DatabaseAdmin.Cardinality;
import io.narthex.storage.DatabaseAdmin.NamedCount;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Counts where the series of a head come from; under the index's lock. */
final class HeadStatistics {

  private static final Comparator<NamedCount> ORDER =
      Comparator.comparingLong(NamedCount::count)
          .thenComparing(NamedCount::name, Comparator.reverseOrder());

  private final LabelPairs pairs;
  private final int limit;

  HeadStatistics(LabelPairs pairs, int limit) {
    this.pairs = pairs;
    this.limit = limit;
  }

  /** The greatest counts. */
  private final class Top {
    private final PriorityQueue<NamedCount> heap = new PriorityQueue<>(ORDER);

    /** Whether a count may be among them; saves making its name. */
    boolean takes(long count) {
      NamedCount least = heap.peek();
      // Of many equal counts those that come first stay: to name them all would take long.
      return limit > 0 && (heap.size() < limit || least == null || count > least.count());
    }

    void add(String name, long count) {
      heap.add(new NamedCount(name, count));
      if (heap.size() > limit) {
        heap.poll();
      }
    }

    List<NamedCount> descending() {
      List<NamedCount> list = new ArrayList<>(heap);
      list.sort(ORDER.reversed());
      return list;
    }
  }

  /**
   * What a text takes in Prometheus' memory, so that the figures can be compared; here each pair is
   * stored once, however many series have it.
   */
  private static int encoded(int length) {
    return length + (length < 255 ? 1 : 4);
  }

  Cardinality count() {
    Top metrics = new Top();
    Top values = new Top();
    Top memory = new Top();
    Top series = new Top();
    for (int n = 0; n < pairs.names(); n++) {
      LabelPairs.Name name = pairs.name(n);
      if (name.size() == 0) {
        continue;
      }
      boolean metricName = name.text.equals(Labels.METRIC_NAME);
      long bytes = 0;
      for (int i = 0; i < name.size(); i++) {
        long row = pairs.address(name.pair(i));
        int count = Postings.count(row);
        bytes += (long) (encoded(name.bytes.length) + encoded(pairs.valueLength(row))) * count;
        if (metricName && metrics.takes(count)) {
          metrics.add(pairs.value(row), count);
        }
        if (series.takes(count)) {
          series.add(name.text + "=" + pairs.value(row), count);
        }
      }
      values.add(name.text, name.size());
      memory.add(name.text, bytes);
    }
    return new Cardinality(
        metrics.descending(), values.descending(), memory.descending(), series.descending());
  }
}
