package io.narthex.testkit;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage must do that is both written and read: the contracts as tests. */
public abstract class StorageAcceptance {

  /** The time around which the suite writes, 2023-11-14. */
  protected static final long T0 = 1_700_000_000_000L;

  private Appendable writer =
      () -> {
        throw new IllegalStateException("not open");
      };
  private Queryable reader =
      (from, to) -> {
        throw new IllegalStateException("not open");
      };

  /** Opens an empty storage. */
  protected abstract void open();

  protected abstract Appendable writer();

  protected abstract Queryable reader();

  /** Called now and then between commits: a storage may move data about, and nobody may notice. */
  protected void disturb() {}

  @BeforeEach
  final void openStorage() {
    open();
    writer = writer();
    reader = reader();
  }

  @AfterEach
  final void closeStorage() {
    close();
  }

  /** Closes the storage. */
  protected abstract void close();

  private static Labels series(int number) {
    return Labels.of("__name__", "m", "i", Integer.toString(number));
  }

  private AppendResult add(Labels labels, long time, double value) {
    try (Appendable.AppendGroup group = writer.group()) {
      Appender appender = group.appender();
      AppendResult result = appender.append(appender.series(labels), time, value);
      appender.commit();
      return result;
    }
  }

  private static SeriesSet select(Querier querier, Matcher... matchers) {
    return querier.select(true, SelectHints.range(0, Long.MAX_VALUE), List.of(matchers));
  }

  private static final Matcher ALL = new Matcher(Matcher.Type.REGEX, "__name__", ".+");

  /** All samples that a querier sees, by labels. */
  protected static Map<Labels, List<String>> samples(Querier querier, long from, long to) {
    Map<Labels, List<String>> all = new TreeMap<>();
    SeriesSet set = select(querier, ALL);
    SampleBuffer buffer = new SampleBuffer();
    SeriesSet.Reader samples = set.reader();
    for (int i = 0; i < set.size(); i++) {
      samples.read(i, from, to, buffer);
      List<String> list = new ArrayList<>();
      for (int k = 0; k < buffer.size(); k++) {
        list.add(buffer.timestamps()[k] + "=" + buffer.values()[k]);
      }
      if (!list.isEmpty()) {
        all.put(set.labels(i), list);
      }
    }
    return all;
  }

  private Map<Labels, List<String>> samples() {
    try (Querier querier = reader.querier(0, Long.MAX_VALUE)) {
      return samples(querier, 0, Long.MAX_VALUE);
    }
  }

  @Test
  void anEmptyStorageAnswersNothing() {
    try (Querier querier = reader.querier(0, Long.MAX_VALUE)) {
      assertThat(select(querier, ALL).size()).isZero();
      assertThat(querier.labelNames(List.of(), 0)).isEmpty();
      assertThat(querier.labelValues("__name__", List.of(), 0)).isEmpty();
    }
  }

  @Test
  void samplesComeBack() {
    for (int t = 0; t < 500; t++) {
      assertThat(add(series(1), T0 + t * 15_000L, t * 0.1)).isEqualTo(AppendResult.OK);
      if (t % 100 == 0) {
        disturb();
      }
    }
    List<String> expected = new ArrayList<>();
    for (int t = 0; t < 500; t++) {
      expected.add((T0 + t * 15_000L) + "=" + t * 0.1);
    }
    assertThat(samples()).isEqualTo(Map.of(series(1), expected));
    try (Querier querier = reader.querier(T0 + 15_001, T0 + 45_000)) {
      assertThat(samples(querier, T0 + 15_001, T0 + 45_000))
          .isEqualTo(Map.of(series(1), expected.subList(2, 4)));
    }
  }

  @Test
  void aReadIsCutToItsOwnRange() {
    for (int t = 0; t < 10; t++) {
      add(series(1), T0 + t, t);
    }
    try (Querier querier = reader.querier(T0, T0 + 9)) {
      SeriesSet set = select(querier, ALL);
      SampleBuffer buffer = new SampleBuffer();
      buffer.add(1, 1);
      set.reader().read(0, T0 + 3, T0 + 4, buffer);
      assertThat(buffer.size()).isEqualTo(2);
      assertThat(buffer.timestamps()[0]).isEqualTo(T0 + 3);
      set.reader().read(0, T0 + 100, T0 + 200, buffer);
      assertThat(buffer.size()).isZero();
      set.reader().read(0, T0 + 5, T0 + 4, buffer);
      assertThat(buffer.size()).isZero();
    }
  }

  @Test
  void theNewestSampleOfARangeIsLast() {
    try (Appendable.AppendGroup group = writer.group()) {
      for (int t = 0; t < 300; t++) {
        commit(group, T0 + t * 10L, 1);
      }
      try (Querier querier = reader.querier(0, Long.MAX_VALUE)) {
        commit(group, T0 + 9000, 1);
        SeriesSet.Reader samples = select(querier, ALL).reader();
        SampleBuffer buffer = new SampleBuffer();
        for (long to : new long[] {T0 + 5, T0 + 1500, T0 + 2989, T0 + 2990, T0 + 9000}) {
          samples.readNewest(0, T0, to, buffer);
          long expected = Math.min(T0 + 2990, to / 10 * 10);
          assertThat(buffer.timestamps()[buffer.size() - 1]).isEqualTo(expected);
          assertThat(buffer.values()[buffer.size() - 1]).isEqualTo((double) (expected - T0));
        }
        samples.readNewest(0, T0 + 2991, T0 + 9000, buffer);
        assertThat(buffer.size()).isZero();
        samples.readNewest(0, 0, T0 - 1, buffer);
        assertThat(buffer.size()).isZero();
      }
    }
  }

  @Test
  void staleMarkersAndOtherNotNumbersKeepTheirBits() {
    long[] odd = {StaleMarker.BITS, StaleMarker.NORMAL_NAN_BITS, 0xfff8000000000123L, 1L << 63};
    for (int i = 0; i < odd.length; i++) {
      add(series(1), T0 + i, Double.longBitsToDouble(odd[i]));
    }
    try (Querier querier = reader.querier(T0, T0 + 10)) {
      SampleBuffer buffer = new SampleBuffer();
      select(querier, ALL).reader().read(0, T0, T0 + 10, buffer);
      for (int i = 0; i < odd.length; i++) {
        assertThat(Double.doubleToRawLongBits(buffer.values()[i])).isEqualTo(odd[i]);
      }
    }
  }

  @Test
  void whatIsOutOfOrderIsRefused() {
    add(series(1), T0, 1);
    assertThat(add(series(1), T0 - 1, 1)).isEqualTo(AppendResult.OUT_OF_ORDER);
    assertThat(add(series(1), T0, 2)).isEqualTo(AppendResult.DUPLICATE);
    assertThat(add(series(1), T0, 1)).isEqualTo(AppendResult.OK);
    assertThat(add(series(1), T0 + 1, 2)).isEqualTo(AppendResult.OK);
    assertThat(samples()).isEqualTo(Map.of(series(1), List.of(T0 + "=1.0", (T0 + 1) + "=2.0")));
  }

  @Test
  void ofTwoSamplesAtOneTimeInABatchTheFirstStays() {
    try (Appendable.AppendGroup group = writer.group()) {
      Appender appender = group.appender();
      long handle = appender.series(series(1));
      assertThat(appender.append(handle, T0, 1)).isEqualTo(AppendResult.OK);
      appender.append(handle, T0, 2);
      appender.append(handle, T0 - 5, 3);
      appender.append(handle, T0 + 5, 4);
      appender.commit();
    }
    assertThat(samples()).isEqualTo(Map.of(series(1), List.of(T0 + "=1.0", (T0 + 5) + "=4.0")));
  }

  @Test
  void aHandleIsNeverZeroAndNamesOneSeries() {
    try (Appendable.AppendGroup group = writer.group();
        Appendable.AppendGroup other = writer.group()) {
      Appender appender = group.appender();
      long first = appender.series(series(1));
      long second = appender.series(series(2));
      assertThat(first).isNotZero().isNotEqualTo(second);
      assertThat(second).isNotZero();
      assertThat(appender.series(series(1))).isEqualTo(first);
      appender.append(first, T0, 1);
      appender.commit();
      Appender another = other.appender();
      assertThat(another.append(first, T0 + 1, 2)).isEqualTo(AppendResult.OK);
      another.commit();
      assertThat(group.appender().append(first, T0 + 2, 3)).isEqualTo(AppendResult.OK);
    }
    assertThat(samples()).isEqualTo(Map.of(series(1), List.of(T0 + "=1.0", (T0 + 1) + "=2.0")));
  }

  @Test
  void anUnknownHandleIsSaidToBeUnknown() {
    try (Appendable.AppendGroup group = writer.group()) {
      Appender appender = group.appender();
      assertThat(appender.append(0, T0, 1)).isEqualTo(AppendResult.NO_SERIES);
      assertThat(appender.append(0x7777_0000_0123L, T0, 1)).isEqualTo(AppendResult.NO_SERIES);
      appender.rollback();
    }
  }

  @Test
  void nothingIsSeenBeforeTheCommitNorAfterARollback() {
    try (Appendable.AppendGroup group = writer.group()) {
      Appender appender = group.appender();
      appender.append(appender.series(series(1)), T0, 1);
      assertThat(samples()).isEmpty();
      appender.rollback();
      assertThat(samples()).isEmpty();
      appender = group.appender();
      appender.append(appender.series(series(1)), T0, 2);
      appender.commit();
      assertThat(samples()).isEqualTo(Map.of(series(1), List.of(T0 + "=2.0")));
    }
  }

  @Test
  void aQuerierSeesNothingThatCameAfterIt() {
    try (Appendable.AppendGroup group = writer.group()) {
      commit(group, T0, 0, 1, 2);
      try (Querier querier = reader.querier(0, Long.MAX_VALUE)) {
        Map<Labels, List<String>> before = samples(querier, 0, Long.MAX_VALUE);
        assertThat(before).hasSize(3);
        commit(group, T0 + 1, 0, 1, 2);
        commit(group, T0 + 1, 3); // late in its group
        commit(group, T0 + 2, 0, 3);
        try (Appendable.AppendGroup other = writer.group()) {
          commit(other, T0 + 3, 1, 4); // series of two groups
        }
        disturb();
        assertThat(samples(querier, 0, Long.MAX_VALUE)).isEqualTo(before);
      }
      assertThat(samples()).hasSize(5);
    }
  }

  private static void commit(Appendable.AppendGroup group, long time, int... numbers) {
    Appender appender = group.appender();
    for (int number : numbers) {
      assertThat(appender.append(appender.series(series(number)), time, (double) (time - T0)))
          .isEqualTo(AppendResult.OK);
    }
    appender.commit();
  }

  @Test
  void seriesOutsideOfTheRangeAreLeftOut() {
    add(series(1), T0, 1);
    add(series(2), T0 + 1000, 1);
    try (Querier querier = reader.querier(T0 + 500, T0 + 2000)) {
      SeriesSet set = select(querier, ALL);
      assertThat(set.size()).isEqualTo(1);
      assertThat(set.labels(0)).isEqualTo(series(2));
    }
  }

  @Test
  void allKindsOfMatchers() {
    Labels a = Labels.of("__name__", "up", "job", "a", "zone", "x1");
    Labels b = Labels.of("__name__", "up", "job", "b");
    Labels c = Labels.of("__name__", "down", "job", "c", "zone", "x2");
    for (Labels labels : List.of(a, b, c)) {
      add(labels, T0, 1);
    }
    try (Querier q = reader.querier(T0, T0)) {
      assertThat(found(q, Matcher.equal("__name__", "up"))).containsExactly(a, b);
      assertThat(found(q, Matcher.equal("__name__", "sideways"))).isEmpty();
      assertThat(found(q, Matcher.equal("nothing", "x"))).isEmpty();
      assertThat(found(q, ALL)).containsExactly(c, a, b);
      assertThat(found(q, ALL, Matcher.equal("zone", ""))).containsExactly(b);
      assertThat(found(q, ALL, Matcher.equal("nothing", ""))).containsExactly(c, a, b);
      assertThat(found(q, ALL, new Matcher(Matcher.Type.NOT_EQUAL, "zone", "")))
          .containsExactly(c, a);
      assertThat(found(q, ALL, new Matcher(Matcher.Type.NOT_EQUAL, "zone", "x1")))
          .containsExactly(c, b);
      assertThat(found(q, ALL, new Matcher(Matcher.Type.NOT_EQUAL, "nothing", ""))).isEmpty();
      assertThat(found(q, new Matcher(Matcher.Type.REGEX, "job", "a|c"))).containsExactly(c, a);
      assertThat(found(q, ALL, new Matcher(Matcher.Type.REGEX, "zone", "x.")))
          .containsExactly(c, a);
      assertThat(found(q, ALL, new Matcher(Matcher.Type.REGEX, "zone", "x.|"))).hasSize(3);
      assertThat(found(q, ALL, new Matcher(Matcher.Type.REGEX, "zone", ".*"))).hasSize(3);
      assertThat(found(q, ALL, new Matcher(Matcher.Type.NOT_REGEX, "zone", "x2")))
          .containsExactly(a, b);
      assertThat(found(q, ALL, new Matcher(Matcher.Type.NOT_REGEX, "zone", ".*"))).isEmpty();
      assertThat(found(q, ALL, new Matcher(Matcher.Type.NOT_REGEX, "zone", ".+")))
          .containsExactly(b);
      assertThat(found(q, Matcher.equal("__name__", "up"), Matcher.equal("job", "c"))).isEmpty();
    }
  }

  private static List<Labels> found(Querier querier, Matcher... matchers) {
    SeriesSet set = select(querier, matchers);
    List<Labels> labels = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      labels.add(set.labels(i));
    }
    return labels;
  }

  @Test
  void manySeriesAreFoundByEveryKindOfMatcher() {
    int n = 3000;
    try (Appendable.AppendGroup group = writer.group()) {
      Appender appender = group.appender();
      for (int i = 0; i < n; i++) {
        Labels labels =
            Labels.of(
                "__name__",
                "m" + i % 3,
                "i",
                Integer.toString(i),
                "tens",
                Integer.toString(i / 10));
        appender.append(appender.series(labels), T0, i);
      }
      appender.commit();
    }
    try (Querier q = reader.querier(T0, T0)) {
      assertThat(select(q, ALL).size()).isEqualTo(n);
      assertThat(select(q, Matcher.equal("__name__", "m1")).size()).isEqualTo(n / 3);
      assertThat(select(q, Matcher.equal("tens", "7")).size()).isEqualTo(10);
      assertThat(select(q, Matcher.equal("tens", "7"), Matcher.equal("__name__", "m0")).size())
          .isEqualTo(3);
      Matcher regex = new Matcher(Matcher.Type.REGEX, "i", "1.*");
      assertThat(select(q, regex).size()).isEqualTo(1 + 10 + 100 + 1000);
      assertThat(select(q, ALL, new Matcher(Matcher.Type.NOT_REGEX, "i", "1.*")).size())
          .isEqualTo(n - 1111);
      assertThat(select(q, Matcher.equal("__name__", "m1"), regex).size()).isEqualTo(ones(n));
      assertThat(select(q, ALL, new Matcher(Matcher.Type.NOT_EQUAL, "__name__", "m2")).size())
          .isEqualTo(2 * n / 3);
      SeriesSet some = select(q, Matcher.equal("tens", "12"));
      SampleBuffer buffer = new SampleBuffer();
      SeriesSet.Reader samples = some.reader();
      for (int i = 0; i < some.size(); i++) {
        samples.read(i, T0, T0, buffer);
        assertThat(buffer.values()[0])
            .isEqualTo(Double.parseDouble(some.labels(i).getOrEmpty("i")));
      }
    }
  }

  private static int ones(int n) {
    int count = 0;
    for (int i = 1; i < n; i += 3) {
      count += Integer.toString(i).startsWith("1") ? 1 : 0;
    }
    return count;
  }

  @Test
  void namesAndValuesOfLabels() {
    add(Labels.of("__name__", "up", "job", "b", "zone", "ü"), T0, 1);
    add(Labels.of("__name__", "up", "job", "a"), T0, 1);
    add(Labels.of("__name__", "down", "job", "c", "other", "1"), T0, 1);
    try (Querier q = reader.querier(T0, T0)) {
      assertThat(q.labelNames(List.of(), 0)).containsExactly("__name__", "job", "other", "zone");
      assertThat(q.labelNames(List.of(), 2)).containsExactly("__name__", "job");
      assertThat(q.labelNames(List.of(Matcher.equal("__name__", "up")), 0))
          .containsExactly("__name__", "job", "zone");
      assertThat(q.labelValues("job", List.of(), 0)).containsExactly("a", "b", "c");
      assertThat(q.labelValues("job", List.of(), 2)).containsExactly("a", "b");
      assertThat(q.labelValues("job", List.of(Matcher.equal("__name__", "up")), 0))
          .containsExactly("a", "b");
      assertThat(q.labelValues("zone", List.of(), 0)).containsExactly("ü");
      assertThat(q.labelValues("nothing", List.of(), 0)).isEmpty();
    }
  }

  /** A counter of observations in two buckets, which one object tells again and again. */
  private static SpanHistogram counted(SpanHistogram into, boolean floats, long each) {
    into.reset(floats).schema(1).sum(each * 3.5).count(floats ? bits(3 * each) : 3 * each);
    into.zero(0.25, floats ? bits(each) : each);
    into.positive().addSpan(-1, 1);
    into.positive().addSpan(2, 1);
    into.positive().addBucket(floats ? bits(each) : each);
    into.positive().addBucket(floats ? bits(each) : each);
    return into;
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }

  private static SpanHistogram stale(boolean floats) {
    return new SpanHistogram().reset(floats).sum(StaleMarker.VALUE);
  }

  private AppendResult add(Labels labels, long time, SpanHistogram histogram) {
    try (Appendable.AppendGroup group = writer.group()) {
      Appender appender = group.appender();
      AppendResult result = appender.append(appender.series(labels), time, histogram);
      appender.commit();
      return result;
    }
  }

  /** The samples of the only series, histograms as Go prints them. */
  private List<String> only() {
    try (Querier querier = reader.querier(0, Long.MAX_VALUE)) {
      SeriesSet set = select(querier, ALL);
      SampleBuffer buffer = new SampleBuffer();
      if (set.size() > 0) {
        set.reader().read(0, 0, Long.MAX_VALUE, buffer);
      }
      return texts(buffer);
    }
  }

  private static List<String> texts(SampleBuffer buffer) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < buffer.size(); i++) {
      FloatHistogram histogram = buffer.histogram(i);
      texts.add(
          histogram == null
              ? StaleMarker.is(buffer.values()[i]) ? "stale" : "" + buffer.values()[i]
              : StaleMarker.is(histogram.sum()) ? "stale histogram" : histogram.toString());
    }
    return texts;
  }

  @Test
  void histogramsComeBack() {
    List<String> whole = new ArrayList<>();
    List<String> floatCounts = new ArrayList<>();
    SpanHistogram reused = new SpanHistogram();
    for (int t = 0; t < 300; t++) {
      for (boolean floats : new boolean[] {false, true}) {
        counted(reused, floats, t);
        (floats ? floatCounts : whole).add(reused.toFloat().toString());
        assertThat(add(series(floats ? 2 : 1), T0 + t * 10_000L, reused))
            .isEqualTo(AppendResult.OK);
        reused.reset(!floats);
      }
      if (t % 100 == 0) {
        disturb();
      }
    }
    for (boolean floats : new boolean[] {false, true}) {
      List<String> expected = floats ? floatCounts : whole;
      try (Querier querier = reader.querier(T0, T0 + 10_000_000)) {
        SampleBuffer buffer = new SampleBuffer();
        SeriesSet set = select(querier, Matcher.equal("i", floats ? "2" : "1"));
        set.reader().read(0, T0, T0 + 10_000_000, buffer);
        assertThat(texts(buffer)).isEqualTo(expected);
        assertThat(buffer.timestamps()[299]).isEqualTo(T0 + 299 * 10_000L);
        set.reader().read(0, T0 + 10_000, T0 + 29_999, buffer);
        assertThat(texts(buffer)).isEqualTo(expected.subList(1, 3));
        set.reader().readNewest(0, T0, T0 + 29_999, buffer);
        assertThat(texts(buffer).getLast()).isEqualTo(expected.get(2));
        set.reader().readNewest(0, T0, T0 + 10_000_000, buffer);
        assertThat(texts(buffer).getLast()).isEqualTo(expected.getLast());
      }
    }
  }

  @Test
  void oneOfManyInABatchIsNotTheNext() {
    SpanHistogram reused = new SpanHistogram();
    try (Appendable.AppendGroup group = writer.group()) {
      Appender appender = group.appender();
      long handle = appender.series(series(1));
      for (int t = 0; t < 5; t++) {
        assertThat(appender.append(handle, T0 + t, counted(reused, false, t)))
            .isEqualTo(AppendResult.OK);
      }
      assertThat(only()).isEmpty();
      appender.rollback();
      assertThat(only()).isEmpty();
      appender = group.appender();
      for (int t = 0; t < 5; t++) {
        appender.append(handle, T0 + t, counted(reused, false, t));
      }
      appender.commit();
    }
    List<String> expected = new ArrayList<>();
    for (int t = 0; t < 5; t++) {
      expected.add(counted(reused, false, t).toFloat().toString());
    }
    assertThat(only()).isEqualTo(expected);
  }

  @Test
  void aSeriesMayChangeItsKind() {
    SpanHistogram whole = counted(new SpanHistogram(), false, 1);
    SpanHistogram floats = counted(new SpanHistogram(), true, 2);
    String wholeText = whole.toFloat().toString();
    String floatsText = floats.toFloat().toString();
    add(series(1), T0, 1);
    add(series(1), T0 + 1, whole);
    add(series(1), T0 + 2, floats);
    add(series(1), T0 + 3, 4);
    disturb();
    List<String> once = List.of("1.0", wholeText, floatsText, "4.0");
    assertThat(only()).isEqualTo(once);
    try (Appendable.AppendGroup group = writer.group()) {
      Appender appender = group.appender();
      long handle = appender.series(series(1));
      appender.append(handle, T0 + 4, floats);
      appender.append(handle, T0 + 5, 1);
      appender.append(handle, T0 + 6, whole);
      appender.append(handle, T0 + 7, floats);
      appender.append(handle, T0 + 8, whole);
      appender.append(handle, T0 + 9, 2);
      appender.commit();
    }
    List<String> all = new ArrayList<>(once);
    all.addAll(List.of(floatsText, "1.0", wholeText, floatsText, wholeText, "2.0"));
    assertThat(only()).isEqualTo(all);
  }

  @Test
  void aStaleMarkerIsOfTheKindThatItEnds() {
    SpanHistogram whole = counted(new SpanHistogram(), false, 1);
    String text = whole.toFloat().toString();
    add(series(1), T0, whole);
    add(series(1), T0 + 1, StaleMarker.VALUE);
    add(series(1), T0 + 2, 5);
    add(series(1), T0 + 3, stale(true));
    try (Appendable.AppendGroup group = writer.group()) {
      Appender appender = group.appender();
      long handle = appender.series(series(1));
      appender.append(handle, T0 + 4, whole);
      appender.append(handle, T0 + 5, StaleMarker.VALUE);
      appender.append(handle, T0 + 6, 7);
      appender.append(handle, T0 + 7, StaleMarker.VALUE);
      appender.commit();
    }
    assertThat(only())
        .containsExactly(
            text, "stale histogram", "5.0", "stale", text, "stale histogram", "7.0", "stale");
  }

  @Test
  void aHistogramThatIsThereAlreadyIsNoError() {
    SpanHistogram histogram = counted(new SpanHistogram(), false, 1);
    add(series(1), T0, histogram);
    assertThat(add(series(1), T0, histogram)).isEqualTo(AppendResult.OK);
    assertThat(add(series(1), T0, counted(new SpanHistogram(), false, 2)))
        .isEqualTo(AppendResult.DUPLICATE);
    assertThat(add(series(1), T0, counted(new SpanHistogram(), true, 1)))
        .isEqualTo(AppendResult.DUPLICATE);
    assertThat(add(series(1), T0, 1)).isEqualTo(AppendResult.DUPLICATE);
    assertThat(add(series(1), T0 - 1, histogram)).isEqualTo(AppendResult.OUT_OF_ORDER);
    assertThat(add(series(1), T0 - 1, 1)).isEqualTo(AppendResult.OUT_OF_ORDER);
    add(series(1), T0 + 1, 3);
    assertThat(add(series(1), T0 + 1, histogram)).isEqualTo(AppendResult.DUPLICATE);
    assertThat(add(series(1), T0 + 2, StaleMarker.VALUE)).isEqualTo(AppendResult.OK);
    assertThat(add(series(1), T0 + 2, stale(false))).isEqualTo(AppendResult.OK);
    assertThat(only()).containsExactly(histogram.toFloat().toString(), "3.0", "stale");
  }

  @Test
  void aHistogramThatContradictsItselfIsRefused() {
    SpanHistogram broken = counted(new SpanHistogram(), false, 1).count(2);
    assertThat(add(series(1), T0, broken)).isEqualTo(AppendResult.INVALID_HISTOGRAM);
    assertThat(only()).isEmpty();
    try (Appendable.AppendGroup group = writer.group()) {
      Appender appender = group.appender();
      assertThat(appender.append(0, T0, counted(broken, false, 1)))
          .isEqualTo(AppendResult.NO_SERIES);
      appender.rollback();
    }
  }

  @Test
  void aQuerierSeesNoHistogramThatCameAfterIt() {
    SpanHistogram histogram = new SpanHistogram();
    add(series(1), T0, counted(histogram, false, 1));
    List<String> before = only();
    try (Querier querier = reader.querier(0, Long.MAX_VALUE)) {
      for (int t = 1; t < 40; t++) {
        // A new bucket now and then: the chunk is written anew under the reader.
        counted(histogram, false, 1 + t);
        if (t > 20) {
          histogram.negative().addSpan(t / 5, 1);
          histogram.negative().addBucket(t);
          histogram.count(histogram.count() + t);
        }
        assertThat(add(series(1), T0 + t, histogram)).isEqualTo(AppendResult.OK);
      }
      disturb();
      SampleBuffer buffer = new SampleBuffer();
      SeriesSet.Reader samples = select(querier, ALL).reader();
      samples.read(0, 0, Long.MAX_VALUE, buffer);
      assertThat(texts(buffer)).isEqualTo(before);
      samples.readNewest(0, 0, Long.MAX_VALUE, buffer);
      assertThat(texts(buffer)).isEqualTo(before);
    }
    assertThat(only()).hasSize(40);
  }

  @Test
  void anUnsortedSetHoldsTheSameSeriesAndIsStable() {
    for (int i = 0; i < 50; i++) {
      add(series((i * 37) % 50), T0, i);
    }
    try (Querier q = reader.querier(T0, T0)) {
      SeriesSet sorted = select(q, ALL);
      SeriesSet unsorted = q.select(false, SelectHints.range(T0, T0), List.of(ALL));
      List<Labels> first = new ArrayList<>();
      List<Labels> second = new ArrayList<>();
      List<Labels> ordered = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        first.add(unsorted.labels(i));
        second.add(q.select(false, SelectHints.range(T0, T0), List.of(ALL)).labels(i));
        ordered.add(sorted.labels(i));
      }
      assertThat(second).isEqualTo(first);
      assertThat(ordered).isSorted().containsExactlyInAnyOrderElementsOf(first);
    }
  }
}
