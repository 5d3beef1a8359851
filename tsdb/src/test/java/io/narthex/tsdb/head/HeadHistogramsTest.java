package io.narthex.tsdb.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.headchunks.HeadChunks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the head does with native histograms beyond what every storage must. */
class HeadHistogramsTest {

  private static final long RANGE = 7_200_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final Labels SERIES = Labels.of("__name__", "h");

  private final Head head = new Head(new HeadOptions(RANGE, 120, 0, true), CommitLog.NONE, null);

  @AfterEach
  void close() {
    assertThat(head.closeNow()).isTrue();
  }

  /** A counter with so many buckets, each of them at {@code each}. */
  private static SpanHistogram counted(int buckets, long each) {
    SpanHistogram h = new SpanHistogram().reset(false).schema(2).sum(each).count(buckets * each);
    h.positive().addSpan(0, buckets);
    for (int i = 0; i < buckets; i++) {
      h.positive().addBucket(each);
    }
    return h;
  }

  private static void add(Appendable.AppendGroup group, long time, SpanHistogram histogram) {
    Appender appender = group.appender();
    assertThat(appender.append(appender.series(SERIES), time, histogram))
        .isEqualTo(AppendResult.OK);
    appender.commit();
  }

  private static void add(Appendable.AppendGroup group, long time, double value) {
    Appender appender = group.appender();
    assertThat(appender.append(appender.series(SERIES), time, value)).isEqualTo(AppendResult.OK);
    appender.commit();
  }

  private SampleBuffer read() {
    SampleBuffer buffer = new SampleBuffer();
    try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
      SeriesSet set =
          querier.select(
              false, SelectHints.range(0, Long.MAX_VALUE), List.of(Matcher.equal("__name__", "h")));
      if (set.size() > 0) {
        set.reader().read(0, 0, Long.MAX_VALUE, buffer);
      }
    }
    return buffer;
  }

  private record Exported(long minTime, long maxTime, int encoding, int samples, byte[] bytes) {}

  private List<Exported> export(long from, long to) {
    List<Exported> chunks = new ArrayList<>();
    head.export(
        from,
        to,
        new ChunkSink() {
          @Override
          public void series(Labels labels) {
            assertThat(labels).isEqualTo(SERIES);
          }

          @Override
          public void chunk(
              long minTime,
              long maxTime,
              int encoding,
              int samples,
              byte[] bytes,
              int at,
              int length) {
            byte[] padded = Arrays.copyOfRange(bytes, at, at + length + ChunkDecoder.PADDING);
            chunks.add(new Exported(minTime, maxTime, encoding, samples, padded));
          }
        });
    return chunks;
  }

  @Test
  void largeHistogramsMakeChunksOfTenAtLeast() {
    try (Appendable.AppendGroup group = head.group()) {
      for (int i = 0; i < 35; i++) {
        add(group, T0 + i * 15_000L, counted(2_000, (i + 1) * (i % 3 + 1000L)));
      }
    }
    List<Exported> chunks = export(0, Long.MAX_VALUE);
    assertThat(chunks).extracting(Exported::samples).containsExactly(10, 10, 10, 5);
    assertThat(chunks.getFirst().bytes.length).isGreaterThan(2 * 1024);
    assertThat(read().size()).isEqualTo(35);
  }

  @Test
  void aChangeOfKindEndsTheChunkAndNothingIsLeftBehind() {
    try (Appendable.AppendGroup group = head.group()) {
      for (int i = 0; i < 30; i++) {
        if (i / 10 == 1) {
          add(group, T0 + i, i);
        } else {
          add(group, T0 + i, counted(3, i + 1));
        }
      }
      assertThat(export(0, Long.MAX_VALUE)).extracting(Exported::encoding).containsExactly(2, 1, 2);
      assertThat(head.histograms.chunks()).isEqualTo(2);
      assertThat(head.counters().histogramsAppended.sum()).isEqualTo(20);
      assertThat(head.counters().samplesAppended.sum()).isEqualTo(10);
      assertThat(head.counters().chunks.sum()).isEqualTo(3);
      head.truncate(T0 + 25);
      assertThat(head.histograms.chunks()).isEqualTo(1);
      assertThat(read().size()).isEqualTo(10);
      assertThat(head.truncate(T0 + 30)).hasSize(1);
      assertThat(head.series()).isZero();
      assertThat(head.histograms.chunks()).isZero();
      assertThat(head.histograms.sealedBytes()).isZero();
      assertThat(head.counters().chunks.sum()).isZero();
    }
  }

  @Test
  void whatIsMovedToFilesLeavesTheHeap(@TempDir Path path) {
    try (HeadChunks files = HeadChunks.open(Disk.SYSTEM, path, (a, b, c, d, e, f, g) -> {});
        Appendable.AppendGroup group = head.group()) {
      head.files(files);
      for (int i = 0; i < 500; i++) {
        add(group, T0 + i * 10_000L, counted(20, i * (long) i + 1));
      }
      int before = head.histograms.chunks();
      assertThat(before).isGreaterThan(3);
      head.storeChunks();
      assertThat(head.histograms.chunks()).isEqualTo(1);
      assertThat(head.counters().chunksStored.sum()).isEqualTo(before - 1);
      assertThat(read().size()).isEqualTo(500);
      assertThat(export(T0 + 5_000, T0 + 3_000_000).stream().mapToInt(Exported::samples).sum())
          .isEqualTo(300);
    }
  }

  @Test
  void partsOfChunksAreExportedAsChunks() {
    try (Appendable.AppendGroup group = head.group()) {
      for (int i = 0; i < 40; i++) {
        add(group, T0 + i, counted(2, i + 1));
      }
      head.delete(T0 + 10, T0 + 19, List.of(Matcher.equal("__name__", "h")));
      assertThat(read().size()).isEqualTo(30);
      List<Exported> chunks = export(T0 + 5, T0 + 34);
      assertThat(chunks).hasSize(1);
      Exported chunk = chunks.getFirst();
      assertThat(chunk.samples).isEqualTo(20);
      assertThat(chunk.minTime).isEqualTo(T0 + 5);
      assertThat(chunk.maxTime).isEqualTo(T0 + 34);
      ChunkDecoder decoder = ChunkDecoder.of(ChunkEncoding.of(chunk.encoding));
      decoder.open(chunk.bytes, 0, chunk.bytes.length - ChunkDecoder.PADDING);
      for (int i = 5; i < 35; i++) {
        if (i < 10 || i > 19) {
          assertThat(decoder.next()).isTrue();
          assertThat(decoder.time()).isEqualTo(T0 + i);
          assertThat(decoder.histogram().count()).isEqualTo(2L * (i + 1));
        }
      }
      assertThat(decoder.next()).isFalse();
    }
  }

  @Test
  void theNewestIsReadFromTheChunkThatHasIt() {
    try (Appendable.AppendGroup group = head.group();
        Querier none = head.querier(0, Long.MAX_VALUE)) {
      for (int i = 0; i < 100; i++) {
        add(group, T0 + i * 60_000L, counted(3, i + 1));
      }
      add(group, T0 + 100 * 60_000L, StaleMarker.VALUE);
      try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
        SeriesSet.Reader reader =
            querier
                .select(
                    false,
                    SelectHints.range(0, Long.MAX_VALUE),
                    List.of(Matcher.equal("__name__", "h")))
                .reader();
        SampleBuffer buffer = new SampleBuffer();
        for (int i = 0; i <= 100; i += 7) {
          reader.readNewest(0, 0, T0 + i * 60_000L + 59_999, buffer);
          FloatHistogram newest = buffer.histogram(buffer.size() - 1);
          assertThat(newest == null ? -1 : newest.count()).isEqualTo(3.0 * (i + 1));
        }
        reader.readNewest(0, 0, Long.MAX_VALUE, buffer);
        FloatHistogram last = buffer.histogram(buffer.size() - 1);
        assertThat(last != null && StaleMarker.is(last.sum())).isTrue();
      }
      assertThat(
              none.select(
                      false,
                      SelectHints.range(0, Long.MAX_VALUE),
                      List.of(Matcher.equal("__name__", "h")))
                  .size())
          .isZero();
    }
  }

  /** Readers beside a writer that appends, writes chunks anew, ends them and moves them. */
  @Test
  void whoReadsBesideAWriterReadsWholeChunks(@TempDir Path path) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (HeadChunks files = HeadChunks.open(Disk.SYSTEM, path, (a, b, c, d, e, f, g) -> {});
        ExecutorService readers = Executors.newFixedThreadPool(2);
        Appendable.AppendGroup group = head.group()) {
      head.files(files);
      List<Future<Integer>> reading = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        reading.add(readers.submit(() -> readUntil(done)));
      }
      for (int i = 0; i < 20_000; i++) {
        // Buckets come one by one; sometimes the counting begins anew.
        SpanHistogram histogram = counted(1 + i % 100 / 10, i % 500 + 1);
        if (i % 333 == 332) {
          add(group, T0 + i, StaleMarker.VALUE);
        } else if (i % 777 > 770) {
          add(group, T0 + i, i);
        } else {
          add(group, T0 + i, histogram);
        }
        if (i % 1000 == 999) {
          head.storeChunks();
        }
      }
      done.set(true);
      for (Future<Integer> one : reading) {
        assertThat(one.get()).isPositive();
      }
    }
  }

  private int readUntil(AtomicBoolean done) {
    int rounds = 0;
    int before = 0;
    while (!done.get() || rounds == 0) {
      SampleBuffer buffer = read();
      assertThat(buffer.size()).isGreaterThanOrEqualTo(before);
      before = buffer.size();
      for (int i = 0; i < buffer.size(); i++) {
        assertThat(buffer.timestamps()[i]).isEqualTo(T0 + i);
        FloatHistogram histogram = buffer.histogram(i);
        if (histogram == null) {
          double value = buffer.values()[i];
          assertThat(value == i || StaleMarker.is(value)).isTrue();
        } else if (!StaleMarker.is(histogram.sum())) {
          assertThat(histogram.count()).isEqualTo((1 + i % 100 / 10) * (double) (i % 500 + 1));
        }
      }
      rounds++;
    }
    return rounds;
  }
}
