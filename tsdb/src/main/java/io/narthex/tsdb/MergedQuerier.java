package io.narthex.tsdb;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Several queriers as one. Where only one of them finds anything, its own set is handed out; else
 * the sets are merged by labels, and each timestamp appears once.
 */
final class MergedQuerier implements Querier {

  private final List<Querier> sources;

  /**
   * @param sources in the order of their time as far as they have one; of two samples at one time
   *     the earlier source's stays
   */
  MergedQuerier(List<Querier> sources) {
    this.sources = sources;
  }

  @Override
  public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
    List<SeriesSet> found = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      // The last one alone need not be put in order.
      boolean order = sorted || i < sources.size() - 1 || !found.isEmpty();
      SeriesSet set = sources.get(i).select(order, hints, matchers);
      if (set.size() > 0) {
        found.add(set);
      }
    }
    return switch (found.size()) {
      case 0 -> SeriesSet.EMPTY;
      case 1 -> found.getFirst();
      default -> new MergedSeriesSet(found);
    };
  }

  @Override
  public List<String> labelValues(String name, List<Matcher> matchers, int limit) {
    return merge(source -> source.labelValues(name, matchers, limit), limit);
  }

  @Override
  public List<String> labelNames(List<Matcher> matchers, int limit) {
    return merge(source -> source.labelNames(matchers, limit), limit);
  }

  private List<String> merge(Function<Querier, List<String>> question, int limit) {
    List<String> all = List.of();
    for (Querier source : sources) {
      StopSignal.check();
      all = union(all, question.apply(source));
    }
    return limit > 0 && all.size() > limit ? List.copyOf(all.subList(0, limit)) : all;
  }

  /** The texts of two sorted lists, sorted, each once; one of the two where it has them all. */
  private static List<String> union(List<String> a, List<String> b) {
    if (a.isEmpty()) {
      return b;
    }
    List<String> both = new ArrayList<>(Math.max(a.size(), b.size()));
    int i = 0;
    int j = 0;
    while (i < a.size() && j < b.size()) {
      StopSignal.every(both.size());
      int order = Utf8.compare(a.get(i), b.get(j));
      both.add(order <= 0 ? a.get(i) : b.get(j));
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    both.addAll(a.subList(i, a.size()));
    both.addAll(b.subList(j, b.size()));
    return both.size() == a.size() ? a : both;
  }

  @Override
  public void close() {
    for (Querier source : sources) {
      source.close();
    }
  }
}
