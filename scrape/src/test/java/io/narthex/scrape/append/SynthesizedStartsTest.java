package io.narthex.scrape.append;

import static io.narthex.scrape.append.Scraped.samples;
import static io.narthex.testkit.ProtobufExposition.COUNTER;
import static io.narthex.testkit.ProtobufExposition.GAUGE_HISTOGRAM;
import static io.narthex.testkit.ProtobufExposition.HISTOGRAM;
import static io.narthex.testkit.ProtobufExposition.page;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.histogram.HistogramRules;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.ProtobufExposition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Start timestamps that are made up for what counts. The first scrape is at 1,015,000, and each
 * later one 15,000 ms after the one before.
 */
final class SynthesizedStartsTest {

  private static final HistogramScraping CUSTOM =
      new HistogramScraping(false, false, true, 0, HistogramRules.MAX_SCHEMA);

  private static final String OTHER = "# TYPE d gauge\nd 1\n";
  private static final String BROKEN = OTHER + "oops{\n";

  private final Scraped target = new Scraped();

  @BeforeEach
  void synthesize() {
    target.rules = TestRules.but().keepsStarts().synthesizes().rules();
  }

  private static String counter(double value) {
    return "# TYPE c counter\nc_total " + value + "\n";
  }

  private static Consumer<ProtobufExposition> family(
      int type, Consumer<ProtobufExposition> content) {
    return f -> f.family("h", "", type).metric(m -> m.message(7, content));
  }

  @Test
  void theFirstSampleOfACounterIsWhereItsCountingBegins() {
    assertThat(samples(target.text(counter(10)))).isEmpty();
    assertThat(target.pages.counts().kept()).isEqualTo(1);
    assertThat(target.pages.counts().added()).isEqualTo(1);
    assertThat(target.pages.counts().notStored()).isZero();
    assertThat(samples(target.text(counter(10)))).containsExactly("c_total 0.0 since 1015000");
    assertThat(target.pages.counts().added()).isZero();
    assertThat(samples(target.text(counter(15)))).containsExactly("c_total 5.0 since 1015000");
    assertThat(samples(target.text(counter(17.5)))).containsExactly("c_total 7.5 since 1015000");
  }

  @Test
  void aValueThatFallsHasBegunAnewAMillisecondBefore() {
    target.text(counter(100));
    target.text(counter(101));
    assertThat(samples(target.text(counter(5)))).containsExactly("c_total 5.0 since 1044999");
    assertThat(samples(target.text(counter(15)))).containsExactly("c_total 15.0 since 1044999");
    assertThat(samples(target.text(counter(14)))).containsExactly("c_total 14.0 since 1074999");
  }

  @Test
  void whatDoesNotCountIsUntouched() {
    String page =
        """
        # TYPE g gauge
        g 1
        # TYPE s summary
        s{quantile="0.5"} 2
        s_sum 3
        s_count 4
        # TYPE h histogram
        h_bucket{le="1"} 5
        h_bucket{le="+Inf"} 6
        h_sum 7.5
        h_count 6
        # TYPE stray counter
        other_total 8
        # TYPE u untyped
        u_total 9
        """;
    assertThat(samples(target.text(page)))
        .containsExactly("g 1.0", "s{quantile=\"0.5\"} 2.0", "other_total 8.0", "u_total 9.0");
    assertThat(samples(target.text(page.replace("_count 6", "_count 10").replace("g 1", "g 0"))))
        .containsExactly(
            "g 0.0",
            "s{quantile=\"0.5\"} 2.0",
            "s_sum 0.0 since 1015000",
            "s_count 0.0 since 1015000",
            "h_bucket{le=\"1.0\"} 0.0 since 1015000",
            "h_bucket{le=\"+Inf\"} 0.0 since 1015000",
            "h_sum 0.0 since 1015000",
            "h_count 4.0 since 1015000",
            "other_total 8.0",
            "u_total 9.0");
  }

  @Test
  void createdTimesOfThePageWin() {
    String page = "# TYPE c counter\nc_total{a=\"1\"} 10\n%sc_total{a=\"2\"} 20\n";
    String created = page.formatted("c_created{a=\"1\"} 500\n");
    assertThat(samples(target.openMetrics(created)))
        .containsExactly("c_total{a=\"1\"} 10.0 since 500000");
    assertThat(samples(target.openMetrics(created)))
        .containsExactly(
            "c_total{a=\"1\"} 10.0 since 500000", "c_total{a=\"2\"} 0.0 since 1015000");
    // The page no longer tells it: what was stored does not lead to what comes.
    assertThat(samples(target.openMetrics(page.formatted(""))))
        .containsExactly("c_total{a=\"2\"} 0.0 since 1015000", "c_total{a=\"1\"} stale");
    assertThat(samples(target.openMetrics(page.formatted("").replace("10", "11"))))
        .contains("c_total{a=\"1\"} 1.0 since 1045000");
    assertThat(samples(target.openMetrics(created))).contains("c_total{a=\"1\"} 10.0 since 500000");
  }

  @Test
  void aSeriesThatWasGoneBeginsAnew() {
    target.text(counter(10) + OTHER);
    target.text(counter(11) + OTHER);
    assertThat(samples(target.text(OTHER))).containsExactly("d 1.0", "c_total stale");
    assertThat(samples(target.text(counter(20) + OTHER))).containsExactly("d 1.0");
    assertThat(target.pages.counts().added()).isEqualTo(1);
    assertThat(samples(target.text(counter(22) + OTHER)))
        .containsExactly("c_total 2.0 since 1060000", "d 1.0");
    assertThat(target.pages.counts().added()).isZero();
  }

  @Test
  void aSeriesOfWhichOnlyTheBeginningWasSeenNeedsNoEnd() {
    target.text(counter(10) + OTHER);
    assertThat(samples(target.text(OTHER))).containsExactly("d 1.0");
  }

  @Test
  void aTargetThatWasOutOfReachGoesOn() {
    target.text(counter(10));
    target.text(counter(11));
    PageAppender.allStale(target.cache, target, target.now + 1);
    assertThat(samples(target.text(counter(14)))).containsExactly("c_total 4.0 since 1015000");
  }

  @Test
  void aPageThatFailsHasNotBeen() {
    assertThatThrownBy(() -> target.text(counter(1) + BROKEN))
        .isInstanceOf(ExpositionException.class);
    assertThat(samples(target.text(counter(10)))).isEmpty();
    assertThat(samples(target.text(counter(12)))).containsExactly("c_total 2.0 since 1030000");
    for (double value : new double[] {3, 50}) {
      assertThatThrownBy(() -> target.text(counter(value) + BROKEN))
          .isInstanceOf(ExpositionException.class);
    }
    assertThat(samples(target.text(counter(12)))).containsExactly("c_total 2.0 since 1030000");
  }

  @Test
  void aHistogramOfAPageThatFailsHasNotBeen() {
    target.rules = TestRules.but().histograms(CUSTOM).keepsStarts().synthesizes().rules();
    target.text(histogram(1, 3));
    target.text(histogram(2, 5));
    for (int[] counts : new int[][] {{0, 1}, {9, 20}, {0, 0}}) {
      assertThatThrownBy(() -> target.text(histogram(counts[0], counts[1]) + BROKEN))
          .isInstanceOf(ExpositionException.class);
    }
    assertThat(samples(target.text(histogram(2, 6))))
        .singleElement()
        .asString()
        .contains("count:3,")
        .contains("[1 2]")
        .endsWith(" since 1015000");
  }

  private static String histogram(int first, int count) {
    return "# TYPE h histogram\nh_bucket{le=\"1\"} %d\nh_bucket{le=\"+Inf\"} %d\nh_sum %d\nh_count %d\n"
        .formatted(first, count, count, count);
  }

  @Test
  void classicHistogramsThatBecomeNativeOnesCountAsOne() {
    target.rules = TestRules.but().histograms(CUSTOM).keepsStarts().synthesizes().rules();
    assertThat(samples(target.text(histogram(1, 3)))).isEmpty();
    assertThat(samples(target.text(histogram(2, 7))))
        .containsExactly(
            "h {UNKNOWN, schema:-53, count:4, sum:4.0, zero:0.0=0, positive:(0+2)[1 3],"
                + " negative:[], bounds:[1.0]} since 1015000");
    assertThat(samples(target.text(histogram(1, 8))))
        .singleElement()
        .asString()
        .contains("[1 7]")
        .endsWith(" since 1044999");
    assertThat(samples(target.text(histogram(2, 9))))
        .singleElement()
        .asString()
        .contains("[2 7]")
        .endsWith(" since 1044999");
  }

  private static Consumer<ProtobufExposition> nativeHistogram(long... buckets) {
    return h -> {
      h.number(1, 1 + IntStream.range(0, buckets.length).mapToLong(i -> buckets[i]).sum())
          .real(2, 2.5 * buckets.length)
          .signed(5, 3)
          .real(6, 0.001)
          .number(7, 1)
          .span(12, 0, buckets.length);
      long[] deltas = new long[buckets.length];
      for (int i = 0; i < buckets.length; i++) {
        deltas[i] = buckets[i] - (i == 0 ? 0 : buckets[i - 1]);
      }
      h.deltas(13, deltas);
    };
  }

  @Test
  void nativeHistogramsCount() {
    target.rules =
        TestRules.but().histograms(Scraped.natives(false)).keepsStarts().synthesizes().rules();
    assertThat(samples(target.protobuf(page(family(HISTOGRAM, nativeHistogram(2, 3)))))).isEmpty();
    assertThat(samples(target.protobuf(page(family(HISTOGRAM, nativeHistogram(2, 5, 1))))))
        .containsExactly(
            "h {UNKNOWN, schema:3, count:3, sum:2.5, zero:0.001=0, positive:(0+3)[0 2 1],"
                + " negative:[]} since 1015000");
    // One bucket has less than before.
    assertThat(samples(target.protobuf(page(family(HISTOGRAM, nativeHistogram(1, 9, 2))))))
        .containsExactly(
            "h {UNKNOWN, schema:3, count:13, sum:7.5, zero:0.001=1, positive:(0+3)[1 9 2],"
                + " negative:[]} since 1044999");
    assertThat(samples(target.protobuf(page(family(HISTOGRAM, nativeHistogram(2, 9, 2))))))
        .singleElement()
        .asString()
        .contains("[2 9 2]")
        .endsWith(" since 1044999");
  }

  @Test
  void whatIsBesideEachOtherInProtobufHasItsOwnStart() {
    target.rules =
        TestRules.but()
            .histograms(new HistogramScraping(true, true, false, 0, HistogramRules.MAX_SCHEMA))
            .keepsStarts()
            .synthesizes()
            .rules();
    Consumer<ProtobufExposition> both =
        h -> {
          nativeHistogram(2, 3).accept(h);
          h.bucket(1, 2);
        };
    assertThat(samples(target.protobuf(page(family(HISTOGRAM, both))))).isEmpty();
    assertThat(samples(target.protobuf(page(family(HISTOGRAM, both)))))
        .hasSizeGreaterThan(3)
        .allMatch(s -> s.endsWith(" since 1015000"))
        .contains("h_count 0.0 since 1015000");
    assertThat(samples(target.protobuf(page(family(GAUGE_HISTOGRAM, nativeHistogram(2, 3))))))
        .filteredOn(s -> !s.endsWith("stale"))
        .singleElement()
        .asString()
        .contains("[2 3]")
        .doesNotContain("since");
  }

  @Test
  void protobufTellsTheStartOfSomeMetrics() {
    Consumer<ProtobufExposition> family =
        f ->
            f.family("c_total", "", COUNTER)
                .metric(m -> m.label("a", "1").message(3, c -> c.real(1, 3).time(3, 500_000)))
                .metric(m -> m.label("a", "2").value(3, 4));
    assertThat(samples(target.protobuf(page(family))))
        .containsExactly("c_total{a=\"1\"} 3.0 since 500000");
    assertThat(samples(target.protobuf(page(family))))
        .containsExactly("c_total{a=\"1\"} 3.0 since 500000", "c_total{a=\"2\"} 0.0 since 1015000");
  }

  @Test
  void aZeroIsAppendedThereWhereThatIsAskedFor() {
    target.rules = TestRules.but().zeros().synthesizes().rules();
    assertThat(samples(target.text(counter(10)))).isEmpty();
    assertThat(samples(target.text(counter(12))))
        .containsExactly("c_total @1015000 0.0", "c_total 2.0");
    assertThat(samples(target.text(counter(13)))).containsExactly("c_total 3.0");
    assertThat(samples(target.text(counter(1))))
        .containsExactly("c_total @1059999 0.0", "c_total 1.0");
  }

  @Test
  void timestampsOfThePageAreTheStart() {
    String page = "# TYPE c counter\nc_total %d %d\n";
    assertThat(samples(target.text(page.formatted(10, 900_000)))).isEmpty();
    // The target has nothing new to say.
    assertThat(samples(target.text(page.formatted(10, 900_000)))).isEmpty();
    assertThat(samples(target.text(page.formatted(15, 920_000))))
        .containsExactly("c_total @920000 5.0 since 900000");
    assertThat(samples(target.text(page.formatted(12, 910_000)))).isEmpty();
    assertThat(target.pages.counts().outOfOrder()).isEqualTo(1);
    assertThat(samples(target.text(page.formatted(16, 930_000))))
        .containsExactly("c_total @930000 6.0 since 900000");
    assertThat(samples(target.text(page.formatted(1, 940_000))))
        .containsExactly("c_total @940000 1.0 since 939999");
  }

  @Test
  void aSampleThatIsRefusedHasNotBeen() {
    String page = "# TYPE c counter\nc_total %d %d\n";
    target.text(page.formatted(10, 900_000));
    target.text(page.formatted(11, 910_000));
    long ahead = target.now + 11 * 60_000;
    assertThat(samples(target.text(page.formatted(3, ahead)))).isEmpty();
    assertThat(target.pages.counts().outOfBounds()).isEqualTo(1);
    assertThat(samples(target.text(page.formatted(12, 920_000))))
        .containsExactly("c_total @920000 2.0 since 900000");
    target.append(
        target.series(Labels.of("__name__", "c_total", "instance", "i", "job", "j")), 950_000, 1);
    assertThat(samples(target.text(page.formatted(4, 930_000)))).isEmpty();
    assertThat(samples(target.text(page.formatted(13, 960_000))))
        .containsExactly("c_total @960000 3.0 since 900000");
  }

  @Test
  void whatIsNotANumberIsStoredAsItIs() {
    assertThat(samples(target.text(counter(Double.NaN)))).containsExactly("c_total NaN");
    assertThat(samples(target.text(counter(5)))).containsExactly("c_total stale");
    assertThat(samples(target.text(counter(6)))).containsExactly("c_total 1.0 since 1030000");
    assertThat(samples(target.text(counter(Double.NaN)))).containsExactly("c_total NaN");
    assertThat(samples(target.text(counter(7)))).containsExactly("c_total 2.0 since 1030000");
  }

  @Test
  void linesThatGetOtherNumbersKeepTheirOrigins() {
    StringBuilder first = new StringBuilder("# TYPE c counter\n");
    StringBuilder second = new StringBuilder("# TYPE c counter\n");
    StringBuilder third = new StringBuilder("# TYPE c counter\n");
    for (int i = 0; i < 1000; i++) {
      String line = "c_total{i=\"" + i + "\"} ";
      first.append(line).append(10 + i).append('\n');
      if (i % 5 == 4) {
        second.append(line).append(20 + i).append('\n');
        third.append(line).append(i == 999 ? 1 : 31 + i).append('\n');
      }
    }
    target.text(first.toString());
    assertThat(samples(target.text(second.toString())))
        .hasSize(200)
        .allMatch(s -> s.endsWith(" 10.0 since 1015000"));
    assertThat(samples(target.text(third.toString())))
        .hasSize(200)
        .contains("c_total{i=\"999\"} 1.0 since 1044999")
        .filteredOn(s -> s.endsWith(" 21.0 since 1015000"))
        .hasSize(199);
    // Those that were swept out are new.
    assertThat(samples(target.text(first.toString()))).hasSize(200);
  }

  @Test
  void afterOtherRulesTheSeriesGoOn() {
    target.rules = TestRules.but().histograms(CUSTOM).keepsStarts().synthesizes().rules();
    target.text(counter(10) + histogram(1, 2));
    target.text(counter(11) + histogram(1, 3));
    target.cache.invalidate();
    assertThatThrownBy(() -> target.text(counter(13) + histogram(1, 4) + BROKEN))
        .isInstanceOf(ExpositionException.class);
    target.cache.invalidate();
    assertThat(samples(target.text(counter(14) + histogram(1, 5))))
        .satisfiesExactly(
            s -> assertThat(s).isEqualTo("c_total 4.0 since 1015000"),
            s -> assertThat(s).contains("count:3,").endsWith(" since 1015000"));
    assertThat(samples(target.openMetrics(counter(16)))).contains("c_total 6.0 since 1015000");
    // What the good page did not have is forgotten.
    target.text(counter(17) + histogram(1, 6));
    assertThat(samples(target.text(counter(18) + histogram(1, 7))))
        .satisfiesExactly(
            s -> assertThat(s).isEqualTo("c_total 8.0 since 1015000"),
            s -> assertThat(s).contains("count:1,").endsWith(" since 1090000"));
  }

  private static final class Model {
    long start;
    int reference;
    int last;
  }

  /** Counters and histograms that rise, fall, vanish, move about, and pages that fail. */
  @Test
  void agreesWithAPlainModel() {
    target.rules = TestRules.but().histograms(CUSTOM).keepsStarts().synthesizes().rules();
    Random random = new Random(11);
    Map<String, Model> model = new HashMap<>();
    int[] values = new int[300];
    for (int round = 0; round < 400; round++) {
      List<Integer> lines = new ArrayList<>(IntStream.range(0, values.length).boxed().toList());
      int missing = random.nextInt(8) == 0 ? values.length * 2 / 3 : random.nextInt(3);
      for (int i = 0; i < missing; i++) {
        lines.remove(random.nextInt(lines.size()));
      }
      if (random.nextInt(4) == 0) {
        Collections.shuffle(lines, random);
      }
      if (random.nextInt(6) == 0) {
        target.cache.invalidate();
      }
      StringBuilder page = new StringBuilder();
      for (int line : lines) {
        values[line] =
            random.nextInt(20) == 0 ? random.nextInt(9) : values[line] + random.nextInt(3);
        page.append(
            line % 10 == 0 ? wholeHistogram(line, values[line]) : counter(line, values[line]));
      }
      if (random.nextInt(5) == 0) {
        assertThatThrownBy(() -> target.text(page + BROKEN))
            .isInstanceOf(ExpositionException.class);
        continue;
      }
      long now = target.now + 15_000;
      List<String> expected = new ArrayList<>();
      Map<String, Model> next = new HashMap<>();
      for (int line : lines) {
        String name = (line % 10 == 0 ? "h" : "c") + line;
        Model known = model.get(name);
        Model then = known == null ? new Model() : known;
        next.put(name, then);
        if (known == null) {
          then.start = now;
          then.reference = values[line];
        } else {
          if (values[line] < then.last) {
            then.start = now - 1;
            then.reference = 0;
          }
          expected.add(name + " " + (values[line] - then.reference) + " since " + then.start);
        }
        then.last = values[line];
      }
      model = next;
      assertThat(samples(target.text(page.toString())))
          .as("round %s", round)
          .filteredOn(s -> !s.endsWith("stale"))
          .map(SynthesizedStartsTest::countOf)
          .containsExactlyElementsOf(expected);
    }
  }

  private static String counter(int line, int value) {
    return "# TYPE c%d counter\nc%d %d\n".formatted(line, line, value);
  }

  private static String wholeHistogram(int line, int value) {
    return "# TYPE h%d histogram\nh%d_bucket{le=\"+Inf\"} %d\nh%d_sum 1\nh%d_count %d\n"
        .formatted(line, line, value, line, line, value);
  }

  /** The name, the count and the start of what was said, whether of a counter or a histogram. */
  private static String countOf(String said) {
    int count = said.indexOf("count:");
    return count < 0
        ? said.replace(".0 since", " since")
        : said.substring(0, said.indexOf(' '))
            + " "
            + said.substring(count + 6, said.indexOf(',', count))
            + said.substring(said.indexOf(" since"));
  }

  @Test
  void metadataIsSaidWithTheFirstSampleThatIsStored() {
    assertThat(target.text(counter(1))).isEmpty();
    assertThat(target.text(counter(2)))
        .containsExactly("c_total 1.0 since 1015000", "# c_total counter [] ");
    assertThat(target.text(counter(3))).containsExactly("c_total 2.0 since 1015000");
  }

  @Test
  void exemplarsComeWithSamplesThatAreStored() {
    String page = "# TYPE c counter\nc_total 5 # {trace_id=\"x\"} 2 999\n";
    assertThat(target.openMetrics(page)).isEmpty();
    assertThat(target.openMetrics(page)).contains("! c_total @999000 2.0 x");
  }

  @Test
  void withoutAStorageThatKeepsStartsTheValuesAreTheSame() {
    target.rules = TestRules.but().synthesizes().rules();
    assertThat(samples(target.text(counter(10)))).isEmpty();
    assertThat(samples(target.text(counter(12)))).containsExactly("c_total 2.0");
  }
}
