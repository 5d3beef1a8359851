package io.narthex.tsdb.exemplar;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.Exemplar;
import io.narthex.storage.ExemplarResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Against a list of exemplars that is searched from end to end for everything. */
class ExemplarModelTest {

  private static final List<List<Matcher>> ALL = List.of(List.of());

  private static Labels series(int number) {
    return Labels.of("__name__", "s", "n", Integer.toString(number));
  }

  private static ExemplarResult add(ExemplarStorage storage, int series, long time, String trace) {
    byte[] packed = Labels.of("trace_id", trace).packed();
    return storage.add(series, () -> series(series), time, true, time, packed, 0, packed.length);
  }

  /** The exemplars of all series: labels, value, time. */
  private static Map<Labels, List<Exemplar>> content(ExemplarStorage storage) {
    Map<Labels, List<Exemplar>> all = new TreeMap<>();
    storage
        .select(Long.MIN_VALUE, Long.MAX_VALUE, ALL)
        .forEach(one -> all.put(one.series(), one.exemplars()));
    return all;
  }

  /** An exemplar of the model, which is nothing but a list of them in the order of coming. */
  private record Item(int series, long time, boolean explicit, double value, Labels labels) {}

  private static final class Model {
    final List<Item> items = new ArrayList<>();
    int capacity;
    long window;

    List<Item> of(int series) {
      return items.stream()
          .filter(item -> item.series == series)
          .sorted(Comparator.comparingLong(Item::time))
          .toList();
    }

    ExemplarResult add(Item item) {
      if (capacity == 0) {
        return ExemplarResult.DISABLED;
      }
      List<Item> there = of(item.series);
      if (!there.isEmpty()) {
        Item newest = there.getLast();
        boolean timed = item.explicit || newest.explicit;
        if (item.labels.equals(newest.labels)
            && item.value == newest.value
            && (!timed || item.time == newest.time)) {
          return ExemplarResult.DUPLICATE;
        }
        boolean sameTime = item.time == newest.time;
        if ((item.time < newest.time && newest.time - item.time >= window)
            || (sameTime && item.value < newest.value)
            || (sameTime
                && item.value == newest.value
                && Long.compareUnsigned(item.labels.hash64(), newest.labels.hash64()) < 0)) {
          return ExemplarResult.OUT_OF_ORDER;
        }
        if (item.time < newest.time && there.stream().anyMatch(o -> o.time == item.time)) {
          return ExemplarResult.DUPLICATE;
        }
      }
      if (items.size() == capacity) {
        items.removeFirst();
      }
      items.add(item);
      return ExemplarResult.OK;
    }

    void resize(int most) {
      capacity = most;
      while (items.size() > most) {
        items.removeFirst();
      }
    }

    Map<Labels, List<Exemplar>> content() {
      Map<Labels, List<Exemplar>> all = new TreeMap<>();
      items.forEach(item ->
          all.computeIfAbsent(
              series(item.series),
              s ->
                  of(item.series).stream()
                      .map(o -> new Exemplar(o.labels, o.value, o.time))
                      .toList()));
      return all;
    }
  }

  @Property(tries = 300)
  void itIsAListThatForgetsItsBeginning(@ForAll long seed) {
    Random random = new Random(seed);
    ExemplarStorage storage = new ExemplarStorage(0);
    Model model = new Model();
    int start = random.nextInt(20);
    storage.resize(start);
    model.resize(start);
    // A reference may change its number: the series was collected and came back.
    Map<Integer, Long> refs = new HashMap<>();
    long now = 1000;
    long outOfOrder = 0;
    for (int step = 0; step < 400; step++) {
      if (random.nextInt(60) == 0) {
        int most = random.nextInt(20);
        storage.resize(most);
        model.resize(most);
      }
      if (random.nextInt(80) == 0) {
        model.window = random.nextInt(3) * 20L;
        storage.outOfOrderWindow(model.window);
      }
      now += random.nextInt(4);
      int number = random.nextInt(5);
      if (random.nextInt(30) == 0) {
        refs.remove(number);
      }
      long ref = refs.computeIfAbsent(number, n -> random.nextLong());
      String text = random.nextInt(6) == 0 ? "x".repeat(random.nextInt(120)) : "abc";
      Labels labels = Labels.of("id", text, "n", Integer.toString(random.nextInt(3)));
      Item item =
          new Item(
              number,
              now - (random.nextInt(4) == 0 ? random.nextInt(50) : 0),
              random.nextInt(3) > 0,
              random.nextInt(3),
              labels);
      byte[] packed = labels.packed();
      ExemplarResult expected = model.add(item);
      ExemplarResult found =
          storage.add(
              ref,
              () -> series(number),
              item.time,
              item.explicit,
              item.value,
              packed,
              0,
              packed.length);
      assertThat(found).isEqualTo(expected);
      outOfOrder += expected == ExemplarResult.OUT_OF_ORDER ? 1 : 0;
      assertThat(content(storage)).isEqualTo(model.content());
    }
    List<Exemplar> order = new ArrayList<>();
    storage.forEach((ref, series, exemplar) -> order.add(exemplar));
    assertThat(order)
        .isEqualTo(model.items.stream().map(o -> new Exemplar(o.labels, o.value, o.time)).toList());
    assertThat(storage.size()).isEqualTo(model.items.size());
    assertThat(storage.series()).isEqualTo(model.content().size());
    assertThat(storage.outOfOrder()).isEqualTo(outOfOrder);
  }

  @Property(tries = 30)
  void labelsStayWhatTheyWereWhilePagesComeAndGo(@ForAll long seed) {
    Random random = new Random(seed);
    int capacity = 1 + random.nextInt(3000);
    ExemplarStorage storage = new ExemplarStorage(capacity);
    List<String> traces = new ArrayList<>();
    for (int i = 0; i < 12_000; i++) {
      String trace = Integer.toString(i) + "y".repeat(random.nextInt(100));
      traces.add(trace);
      assertThat(add(storage, 1, i, trace)).isEqualTo(ExemplarResult.OK);
      if (random.nextInt(3000) == 0) {
        storage.resize(1 + random.nextInt(3000));
      }
    }
    int kept = storage.size();
    List<Exemplar> found = content(storage).getOrDefault(series(1), List.of());
    assertThat(found)
        .extracting(e -> e.labels().get("trace_id"))
        .isEqualTo(traces.subList(traces.size() - kept, traces.size()));
    assertThat(storage.bytes()).isLessThan(3000 * 39L * 2 + 3000 * 115L + (4L << 16));
  }
}
