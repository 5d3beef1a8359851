package io.narthex.scrape.append;

import static io.narthex.scrape.append.Scraped.natives;
import static io.narthex.scrape.append.Scraped.samples;
import static io.narthex.testkit.ProtobufExposition.COUNTER;
import static io.narthex.testkit.ProtobufExposition.GAUGE;
import static io.narthex.testkit.ProtobufExposition.GAUGE_HISTOGRAM;
import static io.narthex.testkit.ProtobufExposition.HISTOGRAM;
import static io.narthex.testkit.ProtobufExposition.SUMMARY;
import static io.narthex.testkit.ProtobufExposition.UNTYPED;
import static io.narthex.testkit.ProtobufExposition.page;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.HistogramRules;
import io.narthex.testkit.ProtobufExposition;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Pages of the protobuf format, from bytes to the storage. */
final class ProtobufPagesTest {

  private final Scraped target = new Scraped();

  private static Consumer<ProtobufExposition> counter(double value) {
    return f ->
        f.family("requests_total", "helps", COUNTER)
            .metric(m -> m.label("code", "200").value(3, value))
            .metric(m -> m.label("code", "500").value(3, value / 2));
  }

  /** A native histogram of two spans with an empty bucket in the first, and classic buckets. */
  private static Consumer<ProtobufExposition> both(long more) {
    return f ->
        f.family("latency", "", HISTOGRAM)
            .metric(m ->
                m.label("path", "/")
                    .message(
                        7,
                        h ->
                            h.number(1, 6 + more)
                                .real(2, 12.5)
                                .bucket(1, 2)
                                .bucket(2.5, 5)
                                .signed(5, 3)
                                .real(6, 0.001)
                                .number(7, 1)
                                .span(12, 0, 3)
                                .span(12, 2, 1)
                                .deltas(13, 2, -2, 1, 1 + more)
                                .exemplar(16, "a", 1.5, 999_000)
                                .exemplar(16, "b", 2, 998_000)
                                .exemplar(16, "no time", 2, 0)));
  }

  private static final String NATIVE =
      "latency{path=\"/\"} {UNKNOWN, schema:3, count:6, sum:12.5, zero:0.001=1, positive:";

  @Test
  void plainTypes() {
    byte[] page =
        page(
            counter(4),
            f -> f.family("g", "", GAUGE).metric(m -> m.value(2, -1.5)),
            f -> f.family("u", "", UNTYPED).metric(m -> m.value(5, 7).number(6, 999_123)),
            f -> f.family("none", "", GAUGE),
            f ->
                f.family("s", "", SUMMARY)
                    .metric(m ->
                        m.message(
                            4,
                            s ->
                                s.number(1, 9)
                                    .real(2, 3.5)
                                    .message(3, q -> q.real(1, 0.5).real(2, 0.1))
                                    .message(3, q -> q.real(1, 1).real(2, 0.2)))));
    for (int i = 0; i < 3; i++) {
      assertThat(samples(target.protobuf(page)))
          .containsExactly(
              "requests_total{code=\"200\"} 4.0",
              "requests_total{code=\"500\"} 2.0",
              "g -1.5",
              "u @999123 7.0",
              "s_count 9.0",
              "s_sum 3.5",
              "s{quantile=\"0.5\"} 0.1",
              "s{quantile=\"1.0\"} 0.2");
      assertThat(target.pages.counts().scraped()).isEqualTo(8);
      assertThat(target.pages.counts().added()).isEqualTo(i == 0 ? 8 : 0);
    }
  }

  @Test
  void seriesThatVanishAreEndedAndTheOthersStayKnown() {
    target.protobuf(page(counter(4), f -> f.family("g", "", GAUGE).metric(m -> m.value(2, 1))));
    assertThat(samples(target.protobuf(page(counter(6)))))
        .containsExactly(
            "requests_total{code=\"200\"} 6.0", "requests_total{code=\"500\"} 3.0", "g stale");
    assertThat(target.protobuf(new byte[0])).hasSize(2).allMatch(s -> s.endsWith("stale"));
  }

  @Test
  void aNativeHistogramIsOneSample() {
    target.histograms(natives(false));
    for (int i = 0; i < 2; i++) {
      assertThat(samples(target.protobuf(page(both(0)))))
          .satisfiesExactly(
              s -> assertThat(s).startsWith(NATIVE).contains("(0+1)(1+1)(2+1)[2 1 2]"),
              s -> assertThat(s).isEqualTo("! latency{path=\"/\"} @998000 2.0 b"),
              s -> assertThat(s).isEqualTo("! latency{path=\"/\"} @999000 1.5 a"));
    }
    assertThat(samples(target.protobuf(page(counter(2)))))
        .hasSize(3)
        .contains("latency{path=\"/\"} stale");
  }

  @Test
  void classicBucketsAreKeptBesideIfWanted() {
    target.histograms(natives(true));
    assertThat(samples(target.protobuf(page(both(0)))))
        .filteredOn(s -> !s.startsWith("!"))
        .satisfiesExactly(
            s -> assertThat(s).startsWith(NATIVE),
            s -> assertThat(s).isEqualTo("latency_count{path=\"/\"} 6.0"),
            s -> assertThat(s).isEqualTo("latency_sum{path=\"/\"} 12.5"),
            s -> assertThat(s).isEqualTo("latency_bucket{le=\"1.0\", path=\"/\"} 2.0"),
            s -> assertThat(s).isEqualTo("latency_bucket{le=\"2.5\", path=\"/\"} 5.0"),
            s -> assertThat(s).isEqualTo("latency_bucket{le=\"+Inf\", path=\"/\"} 6.0"));
    assertThat(target.pages.counts().scraped()).isEqualTo(6);
  }

  @Test
  void nativeHistogramsAreReadAsClassicOnesUnlessWanted() {
    assertThat(samples(target.protobuf(page(both(0))))).hasSize(5);
    Consumer<ProtobufExposition> alone =
        f ->
            f.family("alone", "", HISTOGRAM)
                .metric(m -> m.message(7, h -> h.number(1, 1).span(12, 0, 1).deltas(13, 1)));
    assertThat(samples(target.protobuf(page(alone))))
        .contains("alone_count 1.0", "alone_sum 0.0", "alone_bucket{le=\"+Inf\"} 1.0");
  }

  @Test
  void floatAndGaugeHistograms() {
    target.histograms(natives(false));
    Consumer<ProtobufExposition> floats =
        f ->
            f.family("f", "", GAUGE_HISTOGRAM)
                .metric(m ->
                    m.message(
                        7,
                        h ->
                            h.real(4, 2.5)
                                .real(2, 1)
                                .signed(5, -1)
                                .span(9, -3, 2)
                                .reals(11, 0, 2.5)));
    assertThat(samples(target.protobuf(page(floats))))
        .singleElement()
        .asString()
        .startsWith("f {GAUGE, schema:-1, count:2.5, sum:1.0")
        .contains("negative:(-2+1)[2.5]");
  }

  @Test
  void anEmptySpanMakesAHistogramNative() {
    target.histograms(natives(false));
    Consumer<ProtobufExposition> empty =
        f -> f.family("e", "", HISTOGRAM).metric(m -> m.message(7, h -> h.span(12, 0, 0)));
    assertThat(samples(target.protobuf(page(empty))))
        .singleElement()
        .asString()
        .contains("count:0");
  }

  @Test
  void aHistogramThatContradictsItselfFailsTheScrape() {
    target.histograms(natives(false));
    target.protobuf(page(both(0)));
    Consumer<ProtobufExposition> wrong =
        f ->
            f.family("w", "", HISTOGRAM)
                .metric(m -> m.message(7, h -> h.number(1, 3).span(12, 0, 1).deltas(13, 1)));
    assertThatThrownBy(() -> target.protobuf(page(wrong)))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("1 observations found in buckets, but the Count field is 3");
    assertThat(target.said).containsExactly("latency{path=\"/\"} stale");
    Consumer<ProtobufExposition> spans =
        f ->
            f.family("w", "", HISTOGRAM)
                .metric(m ->
                    m.message(
                        7, h -> h.number(1, 1).span(12, 0, -1).span(12, -5, 7).deltas(13, 1)));
    assertThatThrownBy(() -> target.protobuf(page(spans))).isInstanceOf(PageException.class);
  }

  @Test
  void tooManyBucketsAreMergedAndWhatCannotBeFailsTheScrape() {
    Consumer<ProtobufExposition> many =
        f ->
            f.family("m", "", HISTOGRAM)
                .metric(m ->
                    m.message(
                        7,
                        h ->
                            h.number(1, 8)
                                .signed(5, 2)
                                .span(12, 1, 8)
                                .deltas(13, 1, 0, 0, 0, 0, 0, 0, 0)));
    target.histograms(new HistogramScraping(true, false, false, 4, HistogramRules.MAX_SCHEMA));
    assertThat(target.protobuf(page(many)).getFirst()).contains("schema:1,");
    target.histograms(new HistogramScraping(true, false, false, 0, 0));
    assertThat(target.protobuf(page(many)).getFirst()).contains("schema:0,");
    Consumer<ProtobufExposition> wide =
        f ->
            f.family("m", "", HISTOGRAM)
                .metric(m ->
                    m.message(
                        7,
                        h ->
                            h.number(1, 2)
                                .signed(5, -4)
                                .span(12, 1, 1)
                                .span(12, 5, 1)
                                .deltas(13, 1, 0)));
    target.histograms(new HistogramScraping(true, false, false, 1, HistogramRules.MAX_SCHEMA));
    assertThatThrownBy(() -> target.protobuf(page(wide)))
        .hasMessage("histogram bucket limit exceeded");
    assertThat(target.pages.counts().scraped()).isEqualTo(1);
  }

  @Test
  void theFinestSchemaForAFactor() {
    assertThat(HistogramScraping.finestFor(0)).isEqualTo(8);
    assertThat(HistogramScraping.finestFor(1.00271)).isEqualTo(8);
    assertThat(HistogramScraping.finestFor(1.1)).isEqualTo(3);
    assertThat(HistogramScraping.finestFor(2)).isEqualTo(0);
    assertThat(HistogramScraping.finestFor(65536)).isEqualTo(-4);
    assertThat(HistogramScraping.finestFor(1e9)).isEqualTo(-4);
  }

  @Test
  void classicHistogramsBecomeNativeOnes() {
    Consumer<ProtobufExposition> classic =
        f ->
            f.family("c", "", HISTOGRAM)
                .metric(m ->
                    m.message(
                        7, h -> h.number(1, 5).real(2, 8).bucket(1, 2).bucket(2, 2).bucket(4, 5)));
    for (boolean natives : new boolean[] {false, true}) {
      target.histograms(new HistogramScraping(natives, false, true, 0, HistogramRules.MAX_SCHEMA));
      target.cache.invalidate();
      assertThat(samples(target.protobuf(page(classic))))
          .singleElement()
          .asString()
          .startsWith("c {UNKNOWN, schema:-53, count:5, sum:8.0")
          .endsWith("bounds:[1.0, 2.0, 4.0]}");
    }
    target.histograms(new HistogramScraping(true, true, true, 0, HistogramRules.MAX_SCHEMA));
    assertThat(samples(target.protobuf(page(classic)))).hasSize(7);
  }

  @Test
  void exemplarsOfCountersAndClassicBuckets() {
    Consumer<ProtobufExposition> counter =
        f ->
            f.family("c", "", COUNTER)
                .metric(m -> m.message(3, c -> c.real(1, 1).exemplar(2, "x", 0.5, 0)));
    Consumer<ProtobufExposition> classic =
        f ->
            f.family("h", "", HISTOGRAM)
                .metric(m ->
                    m.message(
                        7,
                        h ->
                            h.number(1, 1)
                                .message(
                                    3,
                                    b -> b.number(1, 1).real(2, 5).exemplar(3, "y", 4, 999_000))));
    assertThat(target.protobuf(page(counter, classic)))
        .contains("! c 0.5 x", "! h_bucket{le=\"5.0\"} @999000 4.0 y");
  }

  @Test
  void metadataIsGathered() {
    Consumer<ProtobufExposition> family =
        f -> f.family("wait_seconds", "waits", GAUGE).metric(m -> m.value(2, 1)).text(5, "seconds");
    assertThat(target.protobuf(page(family)))
        .containsExactly("wait_seconds 1.0", "# wait_seconds gauge [seconds] waits");
    assertThat(target.protobuf(page(family))).containsExactly("wait_seconds 1.0");
    assertThat(target.cache.metadata().families())
        .singleElement()
        .satisfies(m -> assertThat(m.type()).isEqualTo(MetricType.GAUGE));
  }

  @Test
  void aZeroWhereTheCountingBegan() {
    target.rules = TestRules.but().histograms(natives(false)).zeros().rules();
    Consumer<ProtobufExposition> counter =
        f ->
            f.family("c", "", COUNTER)
                .metric(m -> m.message(3, c -> c.real(1, 3).time(3, 500_000)));
    assertThat(samples(target.protobuf(page(counter)))).containsExactly("c @500000 0.0", "c 3.0");
    assertThat(samples(target.protobuf(page(counter)))).containsExactly("c 3.0");
    Consumer<ProtobufExposition> anew =
        f ->
            f.family("c", "", COUNTER)
                .metric(m -> m.message(3, c -> c.real(1, 1).time(3, target.now + 5_000)));
    assertThat(samples(target.protobuf(page(anew))))
        .containsExactly("c @" + (target.now - 10_000) + " 0.0", "c 1.0");
    Consumer<ProtobufExposition> histogram =
        f ->
            f.family("h", "", HISTOGRAM)
                .metric(m ->
                    m.message(
                        7, h -> h.number(1, 1).span(12, 0, 1).deltas(13, 1).time(15, 500_000)));
    assertThat(samples(target.protobuf(page(histogram))))
        .satisfiesExactlyInAnyOrder(
            s -> assertThat(s).startsWith("h @500000 {RESET, schema:0, count:0,"),
            s -> assertThat(s).startsWith("h {UNKNOWN, schema:0, count:1,"),
            s -> assertThat(s).isEqualTo("c stale"));
  }

  @Test
  void typeAndUnitBecomeLabels() {
    target.rules = TestRules.but().histograms(natives(false)).typeAndUnit(true).rules();
    Consumer<ProtobufExposition> family =
        f ->
            f.family("wait_seconds", "", GAUGE)
                .metric(m -> m.label("__type__", "mine").value(2, 1))
                .text(5, "seconds");
    assertThat(samples(target.protobuf(page(family))))
        .containsExactly("wait_seconds{__type__=\"gauge\", __unit__=\"seconds\"} 1.0");
  }

  @Test
  void theOrderOfFieldsAndLabelsApartDoNotMatter() {
    byte[] page =
        page(f ->
            f.metric(m -> m.label("a", "1").value(2, 5).label("b", "2").number(99, 1))
                .number(3, GAUGE)
                .text(1, "g"));
    for (int i = 0; i < 2; i++) {
      assertThat(samples(target.protobuf(page))).containsExactly("g{a=\"1\", b=\"2\"} 5.0");
    }
    assertThat(target.pages.counts().added()).isZero();
  }

  @Test
  void labelsAndNamesAreNotMixedUp() {
    Consumer<ProtobufExposition> gauge =
        f -> f.family("a", "", GAUGE).metric(m -> m.label("x", "1").value(2, 1));
    Consumer<ProtobufExposition> counter =
        f -> f.family("a", "", COUNTER).metric(m -> m.label("x", "1").value(3, 2));
    assertThat(samples(target.protobuf(page(gauge)))).containsExactly("a{x=\"1\"} 1.0");
    assertThat(samples(target.protobuf(page(counter)))).containsExactly("a{x=\"1\"} 2.0");
  }

  @Test
  void whatIsWrongIsNamedByItsByte() {
    byte[] good = page(counter(4));
    assertRefused(new byte[] {5, 1}, "byte 0: expected at most 1 bytes, got a length of 5");
    byte[] cut = java.util.Arrays.copyOf(good, good.length - 1);
    assertRefused(cut, "byte 0: expected at most");
    assertRefused(
        page(f -> f.family("x", "", 9).metric(m -> m.value(2, 1))), "unknown metric type");
    assertRefused(
        page(f -> f.family("", "", GAUGE).metric(m -> m.value(2, 1))), "invalid metric name: ");
    assertRefused(
        page(f ->
            f.family("x", "", GAUGE).metric(m -> m.label("a", "1").label("a", "2").value(2, 1))),
        "label name \"a\" is not unique: invalid sample");
    assertRefused(
        page(f -> f.family("x", "", GAUGE).text(5, "bytes").metric(m -> m.value(2, 1))),
        "unit \"bytes\" not a suffix of metric \"x\"");
    assertRefused(
        page(f ->
            f.family("x", "", GAUGE)
                .metric(m -> m.block(1, new byte[] {10, 1, 'a', 18, 1, (byte) 0xff}))),
        "invalid label value");
    assertRefused(
        page(f -> f.family("x", "", GAUGE).metric(m -> m.number(2, 1))), "expected wire type 2");
    // It goes on with the next good page.
    assertThat(samples(target.protobuf(good))).hasSize(2);
  }

  private void assertRefused(byte[] page, String message) {
    assertThatThrownBy(() -> target.protobuf(page))
        .isInstanceOf(ExpositionException.class)
        .hasMessageStartingWith("byte ")
        .hasMessageContaining(message);
  }

  @Test
  void samplesBeforeTheBreakAreCounted() {
    byte[] good = page(counter(4));
    byte[] broken = java.util.Arrays.copyOf(good, good.length + 1);
    broken[good.length] = 50;
    assertThatThrownBy(() -> target.protobuf(broken)).isInstanceOf(ExpositionException.class);
    assertThat(target.pages.counts().scraped()).isEqualTo(2);
    assertThat(List.copyOf(target.said)).isEmpty();
  }
}
