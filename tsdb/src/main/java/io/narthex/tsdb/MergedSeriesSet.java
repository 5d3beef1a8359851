package io.narthex.tsdb;

import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sets that are sorted by labels, as one such set. */
final class MergedSeriesSet implements SeriesSet {

  private final List<SeriesSet> sources;
  private final List<Labels> labels = new ArrayList<>();
  // For each series the number it has in each source, -1 where it is not; one behind the other.
  private int[] numbers = new int[1024];

  MergedSeriesSet(List<SeriesSet> sources) {
    this.sources = sources;
    int n = sources.size();
    int[] next = new int[n];
    Labels[] heads = new Labels[n];
    for (int i = 0; i < n; i++) {
      heads[i] = sources.get(i).labels(0);
    }
    while (true) {
      StopSignal.every(labels.size());
      Labels least = null;
      for (int i = 0; i < n; i++) {
        if (next[i] < sources.get(i).size() && (least == null || heads[i].compareTo(least) < 0)) {
          least = heads[i];
        }
      }
      if (least == null) {
        return;
      }
      int at = labels.size() * n;
      if (at + n > numbers.length) {
        numbers = Arrays.copyOf(numbers, numbers.length * 2 + n);
      }
      for (int i = 0; i < n; i++) {
        boolean has = next[i] < sources.get(i).size() && heads[i].equals(least);
        numbers[at + i] = has ? next[i]++ : -1;
        if (has && next[i] < sources.get(i).size()) {
          heads[i] = sources.get(i).labels(next[i]);
        }
      }
      labels.add(least);
    }
  }

  @Override
  public int size() {
    return labels.size();
  }

  @Override
  public Labels labels(int series) {
    return labels.get(series);
  }

  @Override
  public Reader reader() {
    return new MergedReader();
  }

  private final class MergedReader implements Reader {
    private final Reader[] readers = new Reader[sources.size()];
    private final SampleBuffer part = new SampleBuffer();
    private final SampleBuffer merged = new SampleBuffer();

    @Override
    public void read(int series, long minTime, long maxTime, SampleBuffer into) {
      into.clear();
      for (int i = 0; i < readers.length; i++) {
        int number = numbers[series * readers.length + i];
        if (number < 0) {
          continue;
        }
        Reader reader = readers[i];
        if (reader == null) {
          reader = sources.get(i).reader();
          readers[i] = reader;
        }
        if (into.size() == 0) {
          reader.read(number, minTime, maxTime, into);
          continue;
        }
        reader.read(number, minTime, maxTime, part);
        if (part.size() > 0) {
          add(into);
        }
      }
    }

    private void add(SampleBuffer into) {
      if (part.timestamps()[0] > into.timestamps()[into.size() - 1]) {
        into.addFrom(part, 0);
        return;
      }
      merged.clear();
      merged.addMerged(into, part);
      into.clear();
      into.addFrom(merged, 0);
    }
  }
}
