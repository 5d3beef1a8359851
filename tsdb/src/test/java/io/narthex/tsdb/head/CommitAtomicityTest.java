package io.narthex.tsdb.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.tsdb.headchunks.HeadChunks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers and readers at once, on a head that poisons what it frees: every reader sees each commit
 * whole or not at all, always the same, and everything that was committed before it was opened.
 */
class CommitAtomicityTest {

  private static final long T0 = 1_700_000_000_000L;
  private static final int SERIES = 40;
  private static final int ROUNDS = 3000;

  private static Labels labels(String writer, int number) {
    return Labels.of("__name__", "m", "writer", writer, "i", Integer.toString(number));
  }

  /** Commits the same value to all series of a writer, round by round. */
  private static void write(Head head, String writer, int[] steps, long[] committed, int slot) {
    try (Appendable.AppendGroup group = head.group()) {
      long time = T0;
      for (int round = 1; round <= ROUNDS; round++) {
        time += steps[round % steps.length];
        Appender appender = group.appender();
        for (int i = 0; i < SERIES; i++) {
          appender.append(appender.series(labels(writer, i)), time, round);
        }
        appender.commit();
        synchronized (committed) {
          committed[slot] = round;
        }
      }
    }
  }

  /** Reads all until told to stop; returns the number of views it checked. */
  private static int read(Head head, AtomicBoolean stop, long[] committed, String[] writers) {
    int views = 0;
    SampleBuffer buffer = new SampleBuffer();
    while (!stop.get()) {
      long[] atLeast;
      synchronized (committed) {
        atLeast = committed.clone();
      }
      try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
        Map<String, Integer> first = lengths(querier, buffer);
        for (int w = 0; w < writers.length; w++) {
          assertThat((long) first.getOrDefault(writers[w], 0)).isGreaterThanOrEqualTo(atLeast[w]);
        }
        assertThat(lengths(querier, buffer)).isEqualTo(first);
      }
      views++;
    }
    return views;
  }

  /** How many samples each writer's series have; it must be the same for all of one writer. */
  private static Map<String, Integer> lengths(Querier querier, SampleBuffer buffer) {
    SeriesSet set =
        querier.select(
            false, SelectHints.range(0, Long.MAX_VALUE), List.of(Matcher.equal("__name__", "m")));
    SeriesSet.Reader reader = set.reader();
    Map<String, Integer> lengths = new HashMap<>();
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < set.size(); i++) {
      reader.read(i, 0, Long.MAX_VALUE, buffer);
      int n = buffer.size();
      for (int k = 0; k < n; k++) {
        assertThat(buffer.values()[k]).isEqualTo(k + 1);
      }
      String writer = set.labels(i).getOrEmpty("writer");
      seen.merge(writer, 1, Integer::sum);
      Integer other = lengths.putIfAbsent(writer, n);
      assertThat(other == null ? n : other).describedAs("samples of %s", writer).isEqualTo(n);
    }
    seen.values().forEach(n -> assertThat(n).isEqualTo(SERIES));
    return lengths;
  }

  @Test
  void everyReaderSeesEachCommitWholeOrNotAtAll(@TempDir Path directory) throws Exception {
    HeadChunks files = HeadChunks.open(Disk.SYSTEM, directory, (a, b, c, d, e, f, g) -> {});
    Head head = new Head(new HeadOptions(7_200_000, 120, 0, true), CommitLog.NONE, files);
    String[] writers = {"steady", "slow"};
    long[] committed = new long[writers.length];
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(5)) {
      List<Future<Integer>> readers = new ArrayList<>();
      Callable<Integer> reader = () -> read(head, stop, committed, writers);
      readers.add(threads.submit(reader));
      readers.add(threads.submit(reader));
      Future<?> steady =
          threads.submit(() -> write(head, "steady", new int[] {1000}, committed, 0));
      Future<?> slow =
          threads.submit(() -> write(head, "slow", new int[] {1, 700, 3}, committed, 1));
      Future<?> mover =
          threads.submit(() -> {
            while (!stop.get()) {
              head.storeChunks();
            }
          });
      steady.get();
      slow.get();
      stop.set(true);
      mover.get();
      for (Future<Integer> future : readers) {
        assertThat(future.get()).isPositive();
      }
    }
    SampleBuffer buffer = new SampleBuffer();
    try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
      assertThat(lengths(querier, buffer)).isEqualTo(Map.of("steady", ROUNDS, "slow", ROUNDS));
    }
    assertThat(head.counters().chunksStored.sum()).isPositive();
    assertThat(head.closeNow()).isTrue();
    files.close();
  }

  /** Commits that write series of three groups, some behind the newest time of their group. */
  @Test
  void commitsAcrossGroupsAreSeenWhole() throws Exception {
    Head head = new Head(new HeadOptions(7_200_000, 120, 0, true), CommitLog.NONE, null);
    Appendable.AppendGroup a = head.group();
    Appendable.AppendGroup b = head.group();
    Appendable.AppendGroup c = head.group();
    long[] handles = new long[SERIES];
    int n = 0;
    for (Appendable.AppendGroup group : List.of(a, b)) {
      Appender appender = group.appender();
      for (int i = 0; i < SERIES / 2; i++) {
        handles[n] = appender.series(labels("all", n));
        n++;
      }
      // A series of its own goes ahead in time, so that the others come late in their group.
      appender.append(appender.series(Labels.of("__name__", "ahead", "n", "" + n)), T0 + 9999, 1);
      appender.commit();
    }
    a.close(); // whose series may be adopted, once they are ahead of it
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      Callable<Integer> read = () -> read(head, stop, new long[1], new String[] {"all"});
      Future<Integer> first = threads.submit(read);
      Future<Integer> second = threads.submit(read);
      for (int round = 1; round <= ROUNDS; round++) {
        Appender appender = c.appender();
        for (long handle : handles) {
          appender.append(handle, T0 + round * 10L, round);
        }
        appender.commit();
      }
      stop.set(true);
      assertThat(first.get()).isPositive();
      assertThat(second.get()).isPositive();
    }
    b.close();
    c.close();
    assertThat(head.closeNow()).isTrue();
  }

  /** A target's next scrape loop goes on with its series; of those before nothing is left. */
  @Test
  void producersFollowEachOther() throws Exception {
    Head head = new Head(new HeadOptions(7_200_000, 120, 0, true), CommitLog.NONE, null);
    AtomicBoolean stop = new AtomicBoolean();
    String[] writers = {"a", "b"};
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      Future<Integer> reader = threads.submit(() -> read(head, stop, new long[2], writers));
      Future<?> sweeper =
          threads.submit(() -> {
            while (!stop.get()) {
              head.dropEmptyGroups();
            }
          });
      List<Future<?>> all = new ArrayList<>();
      for (String writer : writers) {
        all.add(threads.submit(() -> follow(head, writer)));
      }
      for (Future<?> one : all) {
        one.get();
      }
      stop.set(true);
      assertThat(reader.get()).isPositive();
      sweeper.get();
    }
    try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
      assertThat(lengths(querier, new SampleBuffer())).isEqualTo(Map.of("a", 600, "b", 600));
    }
    head.dropEmptyGroups(); // by now no reader knows those that were let go
    head.dropEmptyGroups();
    assertThat(head.groups()).hasSizeLessThanOrEqualTo(2);
    assertThat(head.closeNow()).isTrue();
  }

  /** Writes a writer's samples, every two commits from a group of their own. */
  private static void follow(Head head, String writer) {
    for (int round = 1; round <= 600; round += 2) {
      try (Appendable.AppendGroup group = head.group()) {
        for (int i = 0; i < 2; i++) {
          Appender appender = group.appender();
          for (int k = 0; k < SERIES; k++) {
            appender.append(appender.series(labels(writer, k)), T0 + (round + i) * 10L, round + i);
          }
          appender.commit();
        }
      }
    }
  }

  /** Series die and slots are used again under readers that still know them. */
  @Test
  void readersOutliveGarbageCollection() throws Exception {
    Head head = new Head(new HeadOptions(10_000, 120, 0, true), CommitLog.NONE, null);
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<Integer> reader =
          threads.submit(() -> {
            SampleBuffer buffer = new SampleBuffer();
            int views = 0;
            while (!stop.get()) {
              try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
                SeriesSet set =
                    querier.select(
                        true,
                        SelectHints.range(0, Long.MAX_VALUE),
                        List.of(Matcher.equal("__name__", "m")));
                SeriesSet.Reader samples = set.reader();
                for (int i = 0; i < set.size(); i++) {
                  samples.read(i, 0, Long.MAX_VALUE, buffer);
                  int number = Integer.parseInt(set.labels(i).getOrEmpty("i"));
                  for (int k = 0; k < buffer.size(); k++) {
                    assertThat(buffer.values()[k]).isEqualTo(number);
                  }
                }
              }
              views++;
            }
            return views;
          });
      try (Appendable.AppendGroup group = head.group()) {
        for (int round = 0; round < 400; round++) {
          Appender appender = group.appender();
          long time = T0 + round * 1000L;
          for (int i = 0; i < SERIES; i++) {
            int number = round / 3 * SERIES + i;
            appender.append(appender.series(labels("churn", number)), time, number);
          }
          appender.commit();
          if (round % 10 == 9) {
            head.truncate(time - 5000);
          }
        }
      }
      stop.set(true);
      assertThat(reader.get()).isPositive();
    }
    assertThat(head.counters().seriesRemoved.sum()).isGreaterThan(100L * SERIES);
    head.truncate(Long.MAX_VALUE - 1);
    head.truncate(Long.MAX_VALUE);
    assertThat(head.series()).isZero();
    assertThat(head.closeNow()).isTrue();
  }
}
