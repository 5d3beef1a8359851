package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.model.labels.Labels;
import io.narthex.tsdb.wal.WalBatch;
import java.util.ArrayList;
import java.util.List;

/**
 * What a batch holds beside samples: exemplars, and what is new of the series' metrics. They touch
 * no row, so they need no lock of a group.
 *
 * <p>The log has to know a series before it hears of it, and it learns of it with the first sample.
 * So what is of a series that the log does not know when the batch is written is left out.
 */
final class Extras {

  private record Exemplar(
      long row, long ref, long timestamp, boolean explicit, double value, Labels labels) {}

  private record Metadata(long row, long ref, SeriesMetadata.Entry entry) {}

  private final List<Exemplar> exemplars = new ArrayList<>(0);
  private final List<Metadata> metadata = new ArrayList<>(0);

  boolean isEmpty() {
    return exemplars.isEmpty() && metadata.isEmpty();
  }

  void clear() {
    exemplars.clear();
    metadata.clear();
  }

  void exemplar(long row, long timestamp, boolean explicit, double value, Labels labels) {
    exemplars.add(new Exemplar(row, Rows.ref(row), timestamp, explicit, value, labels));
  }

  void metadata(long row, SeriesMetadata.Entry entry) {
    metadata.add(new Metadata(row, Rows.ref(row), entry));
  }

  /** Adds the records of metadata, which stand before those of samples. */
  void logMetadata(WalBatch records) {
    metadata.removeIf(m -> !isLogged(m.row));
    for (Metadata m : metadata) {
      records.metadata(m.ref, m.entry.type(), m.entry.unit(), m.entry.help());
    }
  }

  /** Adds the records of exemplars, which stand behind those of samples. */
  void logExemplars(WalBatch records) {
    exemplars.removeIf(e -> !isLogged(e.row));
    for (Exemplar e : exemplars) {
      records.exemplar(e.ref, e.timestamp, e.value, e.labels);
    }
  }

  private static boolean isLogged(long row) {
    return OffHeap.getByte(row + Rows.LOGGED) != 0;
  }

  /** Keeps everything, after it was logged. */
  void apply(Head head) {
    for (Metadata m : metadata) {
      head.metadata.put(m.ref, m.entry);
    }
    for (Exemplar e : exemplars) {
      byte[] packed = e.labels.packed();
      head.exemplars.add(
          e.ref,
          () -> head.index.pairs.labels(e.row),
          e.timestamp,
          e.explicit,
          e.value,
          packed,
          0,
          packed.length);
    }
  }
}
