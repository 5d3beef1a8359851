package io.narthex.tsdb.head;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.chunk.XorBuilder;
import io.narthex.tsdb.chunk.XorDecoder;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/**
 * Samples are appended and decoded without garbage: what a commit costs does not grow with its
 * samples. The figures are those of this thread, so they do not depend on how busy the machine is.
 */
class AllocationTest {

  private static final long RANGE = 7_200_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final int SERIES = 2_000;
  private static final int WARM_UP = 300;
  private static final int COMMITS = 200;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static long allocated() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  private static long[] series(Appendable.AppendGroup group, String name) {
    long[] handles = new long[SERIES];
    Appender appender = group.appender();
    for (int i = 0; i < SERIES; i++) {
      handles[i] = appender.series(Labels.of("__name__", name, "i", Integer.toString(i)));
    }
    appender.rollback();
    return handles;
  }

  private static void commit(Appendable.AppendGroup group, long[] handles, long time) {
    Appender appender = group.appender();
    for (int i = 0; i < handles.length; i++) {
      if (appender.append(handles[i], time, time % 1000 + i) != AppendResult.OK) {
        throw new AssertionError("refused at " + time);
      }
    }
    appender.commit();
  }

  @Test
  void appendingToKnownSeriesLeavesNoGarbage() {
    try (Head head = new Head(HeadOptions.DEFAULT, CommitLog.NONE, null);
        Appendable.AppendGroup group = head.group()) {
      long[] handles = series(group, "known");
      long time = T0;
      for (int i = 0; i < WARM_UP; i++) {
        commit(group, handles, time += 1000);
      }
      long before = allocated();
      for (int i = 0; i < COMMITS; i++) {
        commit(group, handles, time += 1000);
      }
      double perSample = (allocated() - before) / ((double) COMMITS * SERIES);
      // A commit's own few objects, and now and then a longer list of full chunks.
      assertThat(perSample).isLessThan(1);
    }
  }

  @Test
  void samplesOfATimeThatTheirGroupHasAlreadyLeaveNoGarbage() {
    try (Head head = new Head(HeadOptions.DEFAULT, CommitLog.NONE, null);
        Appendable.AppendGroup group = head.group()) {
      long[] first = series(group, "first");
      long[] second = series(group, "second");
      long time = T0;
      for (int i = 0; i < WARM_UP; i++) {
        commit(group, first, time += 1000);
        commit(group, second, time);
      }
      long before = allocated();
      for (int i = 0; i < COMMITS; i++) {
        commit(group, first, time += 1000);
        commit(group, second, time);
      }
      double perSample = (allocated() - before) / (2.0 * COMMITS * SERIES);
      assertThat(perSample).isLessThan(1);
    }
  }

  @Test
  void startTimestampsLeaveNoGarbageButTheFullChunks() {
    HeadOptions options = new HeadOptions(RANGE, 120, 0, false, new SampleForms(true, true, true));
    try (Head head = new Head(options, CommitLog.NONE, null);
        Appendable.AppendGroup group = head.group()) {
      long[] handles = series(group, "started");
      long time = T0;
      for (int i = 0; i < WARM_UP; i++) {
        commitStarted(group, handles, time += 1000);
      }
      long before = allocated();
      for (int i = 0; i < COMMITS; i++) {
        commitStarted(group, handles, time += 1000);
      }
      double perSample = (allocated() - before) / ((double) COMMITS * SERIES);
      // The bytes of full chunks lie on the heap, each written once; a sample takes two or three.
      assertThat(perSample).isLessThan(6);
    }
  }

  private static void commitStarted(Appendable.AppendGroup group, long[] handles, long time) {
    Appender appender = group.appender();
    for (int i = 0; i < handles.length; i++) {
      if (appender.appendStarted(handles[i], T0, time, time % 1000 + i) != AppendResult.OK) {
        throw new AssertionError("refused at " + time);
      }
    }
    appender.commit();
  }

  @Test
  void decodingLeavesNoGarbage() {
    int rounds = 20_000;
    SampleBuffer buffer = new SampleBuffer();
    try (SlabAllocator allocator = new SlabAllocator();
        XorBuilder builder = new XorBuilder(allocator)) {
      for (int i = 0; i < 120; i++) {
        builder.append(T0 + i * 15_000L, i % 7 * 1.5);
      }
      byte[] chunk = builder.finish();
      int length = chunk.length - XorDecoder.PADDING;
      decode(chunk, length, buffer, rounds);
      long before = allocated();
      decode(chunk, length, buffer, rounds);
      double perChunk = (allocated() - before) / (double) rounds;
      assertThat(perChunk).isLessThan(1);
      assertThat(buffer.size()).isEqualTo(120);
    }
  }

  private static void decode(byte[] chunk, int length, SampleBuffer buffer, int rounds) {
    for (int i = 0; i < rounds; i++) {
      buffer.clear();
      XorDecoder.decode(chunk, 0, length, Long.MIN_VALUE, Long.MAX_VALUE, buffer);
    }
  }
}
