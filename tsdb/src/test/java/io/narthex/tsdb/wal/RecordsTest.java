package io.narthex.tsdb.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.value.StaleMarker;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The content of records. The bytes that are spelt out here were worked out by hand from
 * Prometheus' encoder, {@code tsdb/record/record.go}; nothing that runs had a part in them.
 */
class RecordsTest {

  private static final String EXPONENTIAL =
      "02 02 3f50624dd2f1a9fc 02 05 4032666666666666 02 0002 0202 00 04 02020100 00";
  private static final String CUSTOM =
      "00 69 0000000000000000 00 08 4049000000000000 01 0002 00 02 0604 00 01 4004000000000000";
  private static final String CUSTOM_FLOATS =
      "00 69 0000000000000000 0000000000000000 4020000000000000 4049000000000000 01 0002 00"
          + " 02 4008000000000000 4014000000000000 00 01 4004000000000000";
  private static final String GAUGE =
      "03 01 0000000000000000 3fe0000000000000 4006000000000000 bff0000000000000 01 0501 01 0401"
          + " 01 3ff4000000000000 01 3ff0000000000000";

  private final WalBatch batch = new WalBatch();

  @Test
  void upperBytesOfNumbersAnywhereInARecord() throws WalFormatException {
    byte[] bytes = HexFormat.of().parseHex("f1f2f3f4f5f6f7f8f9fa");
    for (int from = 0; from <= bytes.length; from++) {
      for (int count = 0; count <= Math.min(8, bytes.length - from); count++) {
        RecordBytes in = new RecordBytes(bytes, from, bytes.length);
        byte[] number = Arrays.copyOf(Arrays.copyOfRange(bytes, from, from + count), 8);
        assertThat(in.upper(count)).isEqualTo(ByteBuffer.wrap(number).getLong());
        assertThat(in.left()).isEqualTo(bytes.length - from - count);
      }
    }
    assertThatThrownBy(() -> new RecordBytes(bytes, 0, 3).upper(4))
        .hasMessage("the record ends too early");
  }

  @Test
  void series() throws WalFormatException {
    batch.series(9, Labels.of("a", "1", "b", "2"));
    assertRecords("01 0000000000000009 02 0161 0131 0162 0132");
    assertThat(lines()).containsExactly(WalContent.series(9, Labels.of("a", "1", "b", "2")));
  }

  @Test
  void samples() throws WalFormatException {
    batch.samples(new long[] {10, 9}, new long[] {1000, 1000}, new double[] {1, 2}, 0, 2);
    assertRecords(
        "02 000000000000000a 00000000000003e8 00 00 3ff0000000000000 01 00 4000000000000000");
    assertThat(lines())
        .containsExactly(WalContent.sample(10, 1000, 1), WalContent.sample(9, 1000, 2));
  }

  @Test
  void tombstones() throws WalFormatException {
    batch.tombstone(4, -1, 63);
    batch.tombstone(4, 64, 64);
    assertRecords("03 0000000000000004 01 7e 0000000000000004 8001 8001");
    assertThat(lines())
        .containsExactly(WalContent.tombstoneLine(4, -1, 63), WalContent.tombstoneLine(4, 64, 64));
  }

  @Test
  void exemplars() throws WalFormatException {
    batch.exemplar(3, 50, 0.5, Labels.of("a", "b"));
    batch.exemplar(1, 49, 1, Labels.EMPTY);
    assertRecords(
        "04 0000000000000003 0000000000000032 00 00 3fe0000000000000 01 0161 0162"
            + " 03 01 3ff0000000000000 00");
    assertThat(lines())
        .containsExactly(
            WalContent.exemplarLine(3, 50, 0.5, Labels.of("a", "b")),
            WalContent.exemplarLine(1, 49, 1, Labels.EMPTY));
  }

  @Test
  void mmapMarkers() throws WalFormatException {
    batch.mmapMarker(1, 5L << 32 | 8);
    batch.mmapMarker(2, 0);
    assertRecords("05 0000000000000001 0000000500000008 0000000000000002 0000000000000000");
    assertThat(lines()).containsExactly("marker 1 " + (5L << 32 | 8), "marker 2 0");
  }

  @Test
  void metadata() throws WalFormatException {
    batch.metadata(300, MetricType.COUNTER, "bytes", "hi");
    assertRecords("06 ac02 01 02 04 554e4954 05 6279746573 04 48454c50 02 6869");
    assertThat(lines())
        .containsExactly(WalContent.metadataLine(300, MetricType.COUNTER, "bytes", "hi"));
  }

  @Test
  void metadataOfOtherFieldsIsRead() throws WalFormatException {
    // A field X, then HELP; no UNIT. Then one without fields, of a type nobody knows.
    List<String> lines = decode("06 05 07 02 01 58 02 7979 04 48454c50 01 68 06 63 00");
    assertThat(lines)
        .containsExactly(
            WalContent.metadataLine(5, MetricType.STATESET, "", "h"),
            WalContent.metadataLine(6, MetricType.UNKNOWN, "", ""));
  }

  @Test
  void everyMetricTypeKeepsItsNumber() throws WalFormatException {
    for (MetricType type : MetricType.values()) {
      batch.clear();
      batch.metadata(1, type, "", "");
      assertThat(lines()).containsExactly(WalContent.metadataLine(1, type, "", ""));
    }
    batch.clear();
    batch.metadata(1, MetricType.GAUGEHISTOGRAM, "", "");
    assertThat(batch.bytes()[2]).isEqualTo((byte) 4);
  }

  @Test
  void histogramsOfWholeCounts() throws WalFormatException {
    batch.histogram(7, 1000, SomeHistograms.exponential());
    assertRecords("07 0000000000000007 00000000000003e8 00 00 " + EXPONENTIAL);
    assertThat(lines())
        .containsExactly(WalContent.histogramLine(7, 0, 1000, SomeHistograms.exponential()));
  }

  @Test
  void histogramsOfFloatCounts() throws WalFormatException {
    batch.histogram(300, -5, SomeHistograms.gauge());
    assertRecords("08 000000000000012c fffffffffffffffb 00 00 " + GAUGE);
    assertThat(lines())
        .containsExactly(WalContent.histogramLine(300, 0, -5, SomeHistograms.gauge()));
  }

  @Test
  void customBucketsGoIntoRecordsOfTheirOwn() throws WalFormatException {
    SpanHistogram exponential = SomeHistograms.exponential();
    batch.histogram(2, 100, SomeHistograms.custom(false));
    batch.histogram(3, 105, SomeHistograms.custom(true));
    batch.histogram(5, 110, exponential);
    batch.histogram(6, 110, SomeHistograms.gauge());
    // Exponential ones are relative to the first of all, even if that one is in the other record.
    assertRecords(
        "07 0000000000000002 0000000000000064 06 14 " + EXPONENTIAL,
        "09 0000000000000002 0000000000000064 00 00 " + CUSTOM,
        "08 0000000000000003 0000000000000069 06 0a " + GAUGE,
        "0a 0000000000000003 0000000000000069 00 00 " + CUSTOM_FLOATS);
    assertThat(lines())
        .containsExactly(
            WalContent.histogramLine(5, 0, 110, exponential),
            WalContent.histogramLine(2, 0, 100, SomeHistograms.custom(false)),
            WalContent.histogramLine(6, 0, 110, SomeHistograms.gauge()),
            WalContent.histogramLine(3, 0, 105, SomeHistograms.custom(true)));
  }

  @Test
  void onlyCustomBucketsMakeOnlyTheirRecord() throws WalFormatException {
    batch.histogram(2, 100, SomeHistograms.custom(false));
    assertRecords("09 0000000000000002 0000000000000064 00 00 " + CUSTOM);
  }

  @Test
  void aRunEndsWhereItIsSaidAndWhereSomethingElseComes() throws WalFormatException {
    SpanHistogram histogram = SomeHistograms.exponential();
    batch.histogram(1, 1, histogram);
    batch.histogram(1, 2, histogram);
    batch.endRun();
    batch.histogram(1, 3, histogram);
    batch.tombstone(1, 0, 0);
    batch.histogram(1, 4, histogram);
    batch.histogramWithStart(1, 1, 5, histogram);
    batch.histogram(1, 6, histogram);
    assertThat(batch.records()).isEqualTo(6);
    assertThat(lines())
        .containsExactly(
            WalContent.histogramLine(1, 0, 1, histogram),
            WalContent.histogramLine(1, 0, 2, histogram),
            WalContent.histogramLine(1, 0, 3, histogram),
            WalContent.tombstoneLine(1, 0, 0),
            WalContent.histogramLine(1, 0, 4, histogram),
            WalContent.histogramLine(1, 1, 5, histogram),
            WalContent.histogramLine(1, 0, 6, histogram));
  }

  @Test
  void samplesWithStarts() throws WalFormatException {
    long[] refs = {1, 2, 4, 3};
    long[] starts = {1000, 1000, 0, 1010};
    long[] times = {1100, 1100, 1105, 1090};
    double[] values = {1.5, 2, -0.0, StaleMarker.VALUE};
    batch.samplesWithStarts(refs, starts, times, values, 0, 4);
    assertRecords(
        "0b 02 9811 d00f 3ff8000000000000"
            + " 02 00 01 4000000000000000"
            + " 04 0a 00 8000000000000000"
            + " 01 13 02 14 7ff0000000000002");
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      expected.add(WalContent.sample(refs[i], times[i], values[i]) + " since " + starts[i]);
    }
    assertThat(lines()).isEqualTo(expected);
  }

  @Test
  void histogramsWithStarts() throws WalFormatException {
    batch.histogramWithStart(7, 0, 1000, SomeHistograms.exponential());
    batch.histogramWithStart(8, 500, 1000, SomeHistograms.custom(false));
    batch.histogramWithStart(8, 500, 1010, SomeHistograms.custom(false));
    batch.histogramWithStart(300, -10, -5, SomeHistograms.gauge());
    assertRecords(
        "0c 0e d00f 00 " + EXPONENTIAL + " 02 00 02 e807 " + CUSTOM + " 00 14 01 " + CUSTOM,
        "0d d804 09 13 " + GAUGE);
    assertThat(lines())
        .containsExactly(
            WalContent.histogramLine(7, 0, 1000, SomeHistograms.exponential()),
            WalContent.histogramLine(8, 500, 1000, SomeHistograms.custom(false)),
            WalContent.histogramLine(8, 500, 1010, SomeHistograms.custom(false)),
            WalContent.histogramLine(300, -10, -5, SomeHistograms.gauge()));
  }

  @Test
  void minValidTime() throws WalFormatException {
    batch.minValidTime(-200);
    assertRecords("0e ffffffffffffff38");
    assertThat(WalContent.of(batch).minValidTime).isEqualTo(-200);
  }

  @Test
  void handlersThatKeepNoStartsGetTheSamples() throws WalFormatException {
    batch.samplesWithStarts(new long[] {1}, new long[] {5}, new long[] {9}, new double[] {3}, 0, 1);
    List<String> seen = new ArrayList<>();
    new WalDecoder()
        .decode(
            batch.bytes(),
            0,
            batch.byteCount(),
            new Plain() {
              @Override
              public void samples(long[] refs, long[] timestamps, double[] values, int n) {
                seen.add(WalContent.sample(refs[0], timestamps[0], values[0]));
              }
            });
    assertThat(seen).containsExactly(WalContent.sample(1, 9, 3));
  }

  @Test
  void unwantedRecordsAreCountedByName() throws WalFormatException {
    batch.histogram(1, 1, SomeHistograms.exponential());
    batch.exemplar(1, 1, 1, Labels.EMPTY);
    batch.metadata(1, MetricType.GAUGE, "", "");
    batch.mmapMarker(1, 1);
    batch.minValidTime(1);
    batch.raw(new byte[] {15}, 0, 1);
    batch.raw(new byte[] {(byte) 0xff}, 0, 1);
    batch.raw(new byte[] {0}, 0, 1);
    WalDecoder decoder = new WalDecoder();
    for (int i = 0; i < batch.records(); i++) {
      decoder.decode(batch.bytes(), batch.start(i), batch.end(i) - batch.start(i), new Plain());
    }
    assertThat(decoder.skipped())
        .containsEntry("histogram_samples", 1L)
        .containsEntry("exemplars", 1L)
        .containsEntry("metadata", 1L)
        .containsEntry("mmapmarkers", 1L)
        .containsEntry("unknown", 3L)
        .hasSize(5);
  }

  @Test
  void aHandlerThatWantsHistogramsMustTakeThem() {
    batch.histogram(1, 1, SomeHistograms.exponential());
    WalHandler wanting =
        new Plain() {
          @Override
          public boolean wants(int type) {
            return true;
          }
        };
    int length = batch.byteCount();
    assertThatThrownBy(() -> new WalDecoder().decode(batch.bytes(), 0, length, wanting))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("histogram");
  }

  @Test
  void histogramsThatMakeNoSenseArePassedOver() throws WalFormatException {
    SpanHistogram good = SomeHistograms.exponential();
    SpanHistogram unknownSchema = SomeHistograms.exponential().schema(-10);
    SpanHistogram tooFew = SomeHistograms.exponential();
    tooFew.positive().addSpan(3, 1);
    SpanHistogram backwards = SomeHistograms.exponential();
    backwards.negative().addSpan(0, 0);
    backwards.negative().addSpan(-1, 0);
    for (SpanHistogram one : List.of(unknownSchema, tooFew, backwards, good)) {
      batch.histogramWithStart(1, 7, 5, one);
    }
    WalContent content = WalContent.of(batch);
    assertThat(content.lines).containsExactly(WalContent.histogramLine(1, 7, 5, good));
    assertThat(content.decoder.unusableHistograms()).isEqualTo(3);
  }

  @Test
  void resolutionsOfTheFutureAreReduced() throws WalFormatException {
    // Schema 10 has four buckets where schema 8 has one: 1..4 become 1, 5..8 become 2.
    SpanHistogram fine = new SpanHistogram().reset(false).schema(10).count(21);
    fine.positive().addSpan(3, 3);
    fine.positive().addSpan(10, 1);
    for (long count : new long[] {1, 2, 8, 10}) {
      fine.positive().addBucket(count);
    }
    fine.negative().addSpan(-5, 2);
    fine.negative().addBucket(4);
    fine.negative().addBucket(5);
    SpanHistogram coarse = new SpanHistogram().reset(false).schema(8).count(21);
    coarse.positive().addSpan(1, 2);
    coarse.positive().addSpan(1, 1);
    for (long count : new long[] {3, 8, 10}) {
      coarse.positive().addBucket(count);
    }
    coarse.negative().addSpan(-1, 1);
    coarse.negative().addBucket(9);
    batch.histogram(1, 1, fine);
    assertThat(lines()).containsExactly(WalContent.histogramLine(1, 0, 1, coarse));
  }

  @Test
  void recordsCutAnywhereAreRefusedOrHoldFewerEntries() {
    batch.series(1, Labels.of("a", "b"));
    batch.samples(new long[] {1, 2}, new long[] {3, 4}, new double[] {5, 6}, 0, 2);
    batch.tombstone(1, 2, 3);
    batch.exemplar(1, 2, 3, Labels.of("c", "d"));
    batch.mmapMarker(1, 2);
    batch.metadata(1, MetricType.GAUGE, "u", "h");
    batch.histogram(1, 2, SomeHistograms.exponential());
    batch.histogram(1, 2, SomeHistograms.custom(false));
    batch.histogram(1, 2, SomeHistograms.gauge());
    batch.histogram(1, 2, SomeHistograms.custom(true));
    batch.samplesWithStarts(
        new long[] {1, 2}, new long[] {3, 4}, new long[] {5, 6}, new double[] {7, 8}, 0, 2);
    batch.histogramWithStart(1, 2, 3, SomeHistograms.exponential());
    batch.histogramWithStart(1, 2, 3, SomeHistograms.gauge());
    batch.minValidTime(3);
    int records = batch.records();
    assertThat(records).isEqualTo(14);
    for (int i = 0; i < records; i++) {
      int from = batch.start(i);
      List<String> whole = Objects.requireNonNull(decoded(from, batch.end(i) - from));
      for (int length = 2; length < batch.end(i) - from; length++) {
        List<String> cut = decoded(from, length);
        if (cut != null) {
          assertThat(cut).hasSizeLessThan(Math.max(1, whole.size()));
          assertThat(whole.subList(0, cut.size())).isEqualTo(cut);
        }
      }
    }
  }

  private @Nullable List<String> decoded(int from, int length) {
    WalContent content = new WalContent();
    try {
      content.decoder.decode(batch.bytes(), from, length, content);
      return content.lines;
    } catch (WalFormatException e) {
      return null;
    }
  }

  @Property(tries = 300)
  void garbageIsRefusedOrRead(@ForAll long seed, @ForAll @IntRange(min = 1, max = 14) int type) {
    // Never an exception of another kind, nor memory for what the record cannot hold.
    Random random = new Random(seed);
    byte[] record = new byte[1 + random.nextInt(200)];
    random.nextBytes(record);
    if (random.nextBoolean()) {
      // Small numbers get further.
      for (int i = 0; i < record.length; i++) {
        record[i] &= random.nextInt(10) == 0 ? (byte) 0xff : 3;
      }
    }
    record[0] = (byte) type;
    WalContent content = new WalContent();
    try {
      content.decoder.decode(record, 0, record.length, content);
    } catch (WalFormatException e) {
      assertThat(e).hasMessageStartingWith("decode " + RecordType.name(type));
    }
    assertThat(content.lines.size()).isLessThan(200);
  }

  @Property(tries = 200)
  void histogramsKeepEveryBit(
      @ForAll long seed, @ForAll @IntRange(max = 30) int count, @ForAll boolean starts)
      throws WalFormatException {
    batch.clear();
    Random random = new Random(seed);
    List<List<String>> lanes =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < count; i++) {
      SpanHistogram histogram = SomeHistograms.random(random);
      long ref = random.nextLong() >>> random.nextInt(64);
      long time = random.nextLong() >> random.nextInt(64);
      long start = starts ? (random.nextInt(3) == 0 ? 0 : random.nextInt(3)) : 0;
      int lane = (histogram.floats() ? 2 : 0) + (!starts && histogram.usesCustomBuckets() ? 1 : 0);
      lanes.get(lane).add(WalContent.histogramLine(ref, start, time, histogram));
      if (starts) {
        batch.histogramWithStart(ref, start, time, histogram);
      } else {
        batch.histogram(ref, time, histogram);
      }
    }
    List<String> expected = lanes.stream().flatMap(List::stream).toList();
    assertThat(batch.isEmpty()).isEqualTo(count == 0);
    assertThat(lines()).isEqualTo(expected);
  }

  @Property(tries = 200)
  void samplesWithStartsKeepEveryBit(@ForAll long seed, @ForAll @IntRange(max = 100) int n)
      throws WalFormatException {
    batch.clear();
    Random random = new Random(seed);
    long[] refs = random.longs(n).toArray();
    long[] times = random.longs(n).toArray();
    long[] starts = new long[n];
    double[] values = new double[n];
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      starts[i] =
          switch (random.nextInt(3)) {
            case 0 -> 0;
            case 1 -> i == 0 ? 1 : starts[i - 1];
            default -> random.nextLong();
          };
      values[i] = Double.longBitsToDouble(random.nextLong());
      expected.add(WalContent.sample(refs[i], times[i], values[i]) + " since " + starts[i]);
    }
    batch.samplesWithStarts(refs, starts, times, values, 0, n);
    assertThat(lines()).isEqualTo(expected);
  }

  @Property(tries = 200)
  void otherRecordsKeepEveryBit(@ForAll long seed) throws WalFormatException {
    batch.clear();
    Random random = new Random(seed);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      long ref = random.nextLong() >>> random.nextInt(64);
      long time = random.nextLong() >> random.nextInt(64);
      Labels labels = Labels.of("ü" + random.nextInt(), "x".repeat(random.nextInt(300)) + "y");
      switch (random.nextInt(4)) {
        case 0 -> {
          double value = random.nextGaussian();
          batch.exemplar(ref, time, value, labels);
          expected.add(WalContent.exemplarLine(ref, time, value, labels));
        }
        case 1 -> {
          MetricType type = MetricType.values()[random.nextInt(8)];
          String help = "ä".repeat(random.nextInt(200));
          batch.metadata(ref, type, "s", help);
          expected.add(WalContent.metadataLine(ref, type, "s", help));
        }
        case 2 -> {
          batch.mmapMarker(ref, time);
          expected.add("marker " + ref + " " + time);
        }
        default -> {
          batch.series(ref, labels);
          expected.add(WalContent.series(ref, labels));
        }
      }
    }
    assertThat(lines()).isEqualTo(expected);
  }

  @Test
  void longRunsBecomeSeveralRecords() throws WalFormatException {
    SpanHistogram histogram = SomeHistograms.gauge();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      batch.histogram(i, i, histogram);
      expected.add(WalContent.histogramLine(i, 0, i, histogram));
    }
    assertThat(batch.records()).isEqualTo(2);
    assertThat(lines()).isEqualTo(expected);
  }

  @Test
  void nothingIsAllocatedPerEntry() throws WalFormatException {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int n = 1000;
    long[] numbers = new Random(3).longs(n).toArray();
    double[] values = new double[n];
    SpanHistogram whole = SomeHistograms.exponential();
    SpanHistogram custom = SomeHistograms.custom(true);
    byte[] labels = Labels.of("trace_id", "abc").packed();
    long[] sum = new long[1];
    WalDecoder decoder = new WalDecoder();
    WalHandler handler = new Summing(sum);
    long allocated = 0;
    for (int round = 0; round < 20; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      batch.clear();
      batch.samples(numbers, numbers, values, 0, n);
      batch.samplesWithStarts(numbers, numbers, numbers, values, 0, n);
      for (int i = 0; i < n; i++) {
        batch.histogram(i, i, whole);
        batch.histogram(i, i, custom);
      }
      for (int i = 0; i < n; i++) {
        batch.exemplar(i, i, i, labels, 0, labels.length);
      }
      int records = batch.records();
      for (int i = 0; i < records; i++) {
        int from = batch.start(i);
        decoder.decode(batch.bytes(), from, batch.end(i) - from, handler);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(sum[0]).isEqualTo(20L * 5 * n);
    // A method reference for a record of exemplars; nothing else once there is room.
    assertThat(allocated).isLessThan(n);
  }

  private List<String> lines() throws WalFormatException {
    return WalContent.of(batch).lines;
  }

  private static List<String> decode(String hex) throws WalFormatException {
    byte[] record = bytes(hex);
    WalContent content = new WalContent();
    content.decoder.decode(record, 0, record.length, content);
    return content.lines;
  }

  private void assertRecords(String... hex) {
    List<String> records = new ArrayList<>();
    int count = batch.records();
    for (int i = 0; i < count; i++) {
      byte[] record = Arrays.copyOfRange(batch.bytes(), batch.start(i), batch.end(i));
      records.add(HexFormat.of().formatHex(record));
    }
    assertThat(records)
        .containsExactlyElementsOf(Arrays.stream(hex).map(h -> h.replace(" ", "")).toList());
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** Counts entries. */
  private static final class Summing extends Plain {
    private final long[] sum;

    Summing(long[] sum) {
      this.sum = sum;
    }

    @Override
    public boolean wants(int type) {
      return true;
    }

    @Override
    public void samples(long[] refs, long[] timestamps, double[] values, int n) {
      sum[0] += n;
    }

    @Override
    public void histogram(long ref, long start, long timestamp, SpanHistogram histogram) {
      sum[0]++;
    }

    @Override
    public void exemplar(
        long ref, long timestamp, double value, byte[] bytes, int from, int length) {
      sum[0]++;
    }
  }

  /** Takes what every handler takes. */
  private static class Plain implements WalHandler {
    @Override
    public void series(long ref, byte[] bytes, int from, int length) {}

    @Override
    public void samples(long[] refs, long[] timestamps, double[] values, int n) {}

    @Override
    public void tombstone(long ref, long minTime, long maxTime) {}
  }
}
