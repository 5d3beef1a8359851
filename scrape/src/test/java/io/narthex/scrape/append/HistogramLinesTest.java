package io.narthex.scrape.append;

import static io.narthex.scrape.append.Scraped.samples;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.histogram.HistogramRules;
import org.junit.jupiter.api.Test;

/** What lines of text say beyond their own values. */
final class HistogramLinesTest {

  private static final String PAGE =
      """
      # HELP c classic
      # TYPE c histogram
      c_bucket{p="a",le="1"} 1
      c_bucket{p="a",le="2.5"} 3
      c_bucket{p="a",le="+Inf"} 4
      c_sum{p="a"} 6.5
      c_count{p="a"} 4
      c_bucket{p="b",le="+Inf"} 2
      c_sum{p="b"} 1
      c_count{p="b"} 2
      # TYPE g gauge
      g 1
      """;
  private static final String A =
      "c{p=\"a\"} {UNKNOWN, schema:-53, count:4, sum:6.5, zero:0.0=0, positive:";

  private final Scraped target = new Scraped();

  private void converts(boolean alwaysClassic) {
    target.histograms(
        new HistogramScraping(false, alwaysClassic, true, 0, HistogramRules.MAX_SCHEMA));
  }

  @Test
  void classicHistogramsBecomeNativeOnes() {
    converts(false);
    for (int i = 0; i < 3; i++) {
      assertThat(samples(target.text(PAGE)))
          .satisfiesExactly(
              s -> assertThat(s).startsWith(A).endsWith("bounds:[1.0, 2.5]}"),
              s -> assertThat(s).startsWith("c{p=\"b\"} {UNKNOWN, schema:-53, count:2, sum:1.0"),
              s -> assertThat(s).isEqualTo("g 1.0"));
      assertThat(target.pages.counts().scraped()).isEqualTo(3);
      assertThat(target.pages.counts().added()).isEqualTo(i == 0 ? 3 : 0);
    }
  }

  @Test
  void theClassicOnesAreKeptIfWanted() {
    converts(true);
    for (int i = 0; i < 3; i++) {
      assertThat(samples(target.text(PAGE)))
          .hasSize(11)
          .contains("c_count{p=\"b\"} 2.0", "c_bucket{le=\"1.0\", p=\"a\"} 1.0", "g 1.0");
      assertThat(target.pages.counts().added()).isEqualTo(i == 0 ? 11 : 0);
    }
  }

  @Test
  void aHistogramThatVanishesIsEnded() {
    converts(false);
    target.text(PAGE);
    String without = PAGE.replaceAll("(?m)^c_.*p=\"b\".*\n", "");
    assertThat(samples(target.text(without))).hasSize(3).contains("c{p=\"b\"} stale");
    assertThat(samples(target.text(PAGE))).hasSize(3).noneMatch(s -> s.endsWith("stale"));
  }

  @Test
  void histogramsAtTheEndAndBehindOneAnother() {
    converts(false);
    String page =
        """
        # TYPE x histogram
        x_bucket{le="1"} 1
        x_sum 1
        x_count 1
        # TYPE y histogram
        y_bucket{le="2"} 1
        y_count 2
        """;
    assertThat(samples(target.text(page)))
        .satisfiesExactly(
            s -> assertThat(s).startsWith("x {").contains("count:1").endsWith("bounds:[1.0]}"),
            s -> assertThat(s).startsWith("y {").contains("count:2").endsWith("bounds:[2.0]}"));
  }

  @Test
  void whatContradictsItselfMakesNone() {
    converts(false);
    String page =
        """
        # TYPE x histogram
        x_bucket{le="1"} 3
        x_bucket{le="2"} 1
        x_count 3
        # TYPE f histogram
        f_bucket{le="1"} 0.5
        f_count 1.5
        """;
    assertThat(samples(target.text(page)))
        .singleElement()
        .asString()
        .startsWith("f {UNKNOWN, schema:-53, count:1.5");
  }

  @Test
  void othersInTheFamilyAreSeriesAsEver() {
    converts(false);
    String page =
        """
        # TYPE x histogram
        x_bucket{le="1"} 1
        x_count 1
        x_other 5
        stray 6
        """;
    for (int i = 0; i < 2; i++) {
      assertThat(samples(target.text(page)))
          .satisfiesExactly(
              s -> assertThat(s).startsWith("x {"),
              s -> assertThat(s).isEqualTo("x_other 5.0"),
              s -> assertThat(s).isEqualTo("stray 6.0"));
    }
  }

  @Test
  void exemplarsOfTheBucketsThatHaveATime() {
    converts(false);
    String page =
        """
        # TYPE x histogram
        x_bucket{le="1.0"} 1 # {trace_id="late"} 0.5 999.5
        x_bucket{le="+Inf"} 2 # {trace_id="early"} 3.0 998.5
        x_count 2
        x_sum 3
        """;
    for (int i = 0; i < 2; i++) {
      assertThat(samples(target.openMetrics(page)))
          .satisfiesExactly(
              s -> assertThat(s).startsWith("x {"),
              s -> assertThat(s).isEqualTo("! x @998500 3.0 early"),
              s -> assertThat(s).isEqualTo("! x @999500 0.5 late"));
    }
    assertThat(samples(target.openMetrics(page.replaceAll(" 99\\d\\.5", "")))).hasSize(1);
  }

  @Test
  void theSampleLimitCountsWhatIsMade() {
    target.rules =
        TestRules.but()
            .limits(2, 0, 0, 0)
            .histograms(new HistogramScraping(false, false, true, 0, HistogramRules.MAX_SCHEMA))
            .rules();
    assertThatThrownBy(() -> target.text(PAGE)).hasMessage("sample limit exceeded");
    target.rules =
        TestRules.but()
            .limits(0, 0, 0, 0)
            .histograms(new HistogramScraping(false, false, true, 2, HistogramRules.MAX_SCHEMA))
            .rules();
    assertThatThrownBy(() -> target.text(PAGE)).hasMessage("histogram bucket limit exceeded");
  }

  private static final String CREATED =
      """
      # TYPE c counter
      c_total{a="1"} 5
      c_created{a="1"} 500.5
      c_total{a="2"} 6
      c_created{a="2"} 600
      # TYPE h histogram
      h_bucket{le="1.0"} 1
      h_bucket{le="+Inf"} 1
      h_count 1
      h_sum 0.5
      h_created 700
      # TYPE my_created gauge
      my_created 3
      """;

  @Test
  void createdTimesAreSeriesUnlessTheyAreWanted() {
    assertThat(samples(target.openMetrics(CREATED)))
        .hasSize(10)
        .contains("c_created{a=\"1\"} 500.5", "h_created 700.0", "my_created 3.0");
  }

  @Test
  void aZeroIsAppendedWhereTheCountingBegan() {
    target.rules = TestRules.but().zeros().rules();
    assertThat(samples(target.openMetrics(CREATED)))
        .containsExactly(
            "c_total{a=\"1\"} @500500 0.0",
            "c_total{a=\"1\"} 5.0",
            "c_total{a=\"2\"} @600000 0.0",
            "c_total{a=\"2\"} 6.0",
            "h_bucket{le=\"1.0\"} @700000 0.0",
            "h_bucket{le=\"1.0\"} 1.0",
            "h_bucket{le=\"+Inf\"} @700000 0.0",
            "h_bucket{le=\"+Inf\"} 1.0",
            "h_count @700000 0.0",
            "h_count 1.0",
            "h_sum @700000 0.0",
            "h_sum 0.5",
            "my_created 3.0");
    assertThat(target.pages.counts().scraped()).isEqualTo(7);
    assertThat(samples(target.openMetrics(CREATED))).hasSize(7).noneMatch(s -> s.contains("@"));
    long reset = target.now + 5_000;
    assertThat(samples(target.openMetrics(CREATED.replace("600", (reset / 1000) + ""))))
        .hasSize(8)
        .contains("c_total{a=\"2\"} @" + reset + " 0.0");
  }

  @Test
  void aZeroHistogramIsAppendedWhereTheCountingBegan() {
    target.rules =
        TestRules.but()
            .histograms(new HistogramScraping(false, false, true, 0, HistogramRules.MAX_SCHEMA))
            .zeros()
            .rules();
    for (int i = 0; i < 2; i++) {
      boolean first = i == 0;
      assertThat(samples(target.openMetrics(CREATED)))
          .hasSize(first ? 7 : 4)
          .filteredOn(s -> s.startsWith("h"))
          .hasSize(first ? 2 : 1)
          .allMatch(s -> s.contains("schema:-53"));
    }
  }

  @Test
  void typeAndUnitBecomeLabels() {
    target.rules = TestRules.but().typeAndUnit(true).rules();
    String page =
        """
        # TYPE t_seconds histogram
        # UNIT t_seconds seconds
        t_seconds_bucket{le="+Inf"} 1
        t_seconds_count{__unit__="none"} 1
        # TYPE u unknown
        u{__type__="mine"} 1
        """;
    for (int i = 0; i < 2; i++) {
      assertThat(samples(target.openMetrics(page)))
          .containsExactly(
              "t_seconds_bucket{__type__=\"histogram\", __unit__=\"seconds\", le=\"+Inf\"} 1.0",
              "t_seconds_count{__type__=\"histogram\", __unit__=\"seconds\"} 1.0",
              "u{__type__=\"mine\"} 1.0");
    }
    assertThat(samples(target.openMetrics("# TYPE u gauge\nu{__type__=\"mine\"} 1\n")))
        .contains("u{__type__=\"gauge\"} 1.0", "u{__type__=\"mine\"} stale");
  }

  /** A page means the same whatever the target has said before. */
  @Test
  void typesAreThoseOfTheCommentsBeforeTheLine() {
    target.rules = TestRules.but().typeAndUnit(true).rules();
    String page = "# HELP g helps\ng 1\n# TYPE g gauge\ng{a=\"1\"} 2\n";
    for (int i = 0; i < 4; i++) {
      assertThat(samples(target.openMetrics(page)))
          .filteredOn(s -> !s.endsWith("stale"))
          .containsExactly("g 1.0", "g{__type__=\"gauge\", a=\"1\"} 2.0");
      if (i == 1) {
        assertThatThrownBy(() -> target.openMetrics("# TYPE g counter\ng\n"))
            .isInstanceOf(ExpositionException.class);
      }
      if (i == 2) {
        target.openMetrics("# TYPE g counter\ng 2\n");
      }
    }
  }
}
