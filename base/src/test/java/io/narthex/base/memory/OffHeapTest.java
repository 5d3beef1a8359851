package io.narthex.base.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Memory beside the heap is compared as arrays are. */
class OffHeapTest {

  @Property
  void runsAreOrderedAsArrays(@ForAll("runs") byte[] a, @ForAll("runs") byte[] b) {
    try (Arena arena = Arena.ofConfined()) {
      int order = OffHeap.compare(place(arena, a), a.length, place(arena, b), b.length);
      assertThat(Integer.signum(order)).isEqualTo(Integer.signum(Arrays.compareUnsigned(a, b)));
    }
  }

  private static long place(Arena arena, byte[] bytes) {
    MemorySegment segment = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return segment.address();
  }

  /** Few different bytes, so that many runs begin alike. */
  @Provide
  Arbitrary<byte[]> runs() {
    return Arbitraries.bytes().between((byte) -1, (byte) 0).array(byte[].class).ofMaxSize(20);
  }
}
