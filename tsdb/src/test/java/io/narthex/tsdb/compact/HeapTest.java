package io.narthex.tsdb.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class HeapTest {

  private record Entry(int key, String name) {}

  private static Heap<Entry> heap(String names) {
    Heap<Entry> heap = new Heap<>(Comparator.comparingInt(Entry::key));
    for (String name : names.split(" ")) {
      heap.add(new Entry(name.charAt(0) - '0', name));
    }
    return heap;
  }

  private static String drain(Heap<Entry> heap) {
    List<String> names = new ArrayList<>();
    while (!heap.isEmpty()) {
      names.add(heap.removeFirst().name());
    }
    return String.join(" ", names);
  }

  /** Worked out by hand from the rules of Go's heap. */
  @Test
  void equalEntriesLeaveInGosOrder() {
    assertThat(drain(heap("1a"))).isEqualTo("1a");
    assertThat(drain(heap("1a 1b"))).isEqualTo("1a 1b");
    assertThat(drain(heap("1a 1b 1c"))).isEqualTo("1a 1c 1b");
    // 1a 1b 1c 1d; 1a leaves: 1d 1b 1c; 1d leaves: 1c 1b.
    assertThat(drain(heap("1a 1b 1c 1d"))).isEqualTo("1a 1d 1c 1b");
    // 2a; 1b rises: 1b 2a; 1c stays below 1b: 1b 2a 1c. 1b leaves: 1c 2a.
    assertThat(drain(heap("2a 1b 1c"))).isEqualTo("1b 1c 2a");
    // 1a 2b 2c 2d; 1a leaves: 2d 2b 2c.
    assertThat(drain(heap("1a 2b 2c 2d"))).isEqualTo("1a 2d 2c 2b");
    // 1a 2b 2c 3d; 1a leaves, 3d sinks to the left of the two equal ones: 2b 3d 2c.
    assertThat(drain(heap("1a 2b 2c 3d"))).isEqualTo("1a 2b 2c 3d");
  }

  @Property
  void theLeastIsAlwaysFirst(@ForAll List<Integer> numbers) {
    Heap<Integer> heap = new Heap<>(Comparator.comparingInt(Integer::intValue));
    numbers.forEach(heap::add);
    assertThat(heap.size()).isEqualTo(numbers.size());
    List<Integer> drained = new ArrayList<>();
    while (!heap.isEmpty()) {
      Integer first = heap.first();
      assertThat(heap.removeFirst()).isSameAs(first);
      drained.add(first);
    }
    assertThat(drained).isEqualTo(numbers.stream().sorted().toList());
  }
}
