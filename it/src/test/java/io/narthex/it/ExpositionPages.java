package io.narthex.it;

import io.narthex.testkit.ProtobufExposition;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;

/**
 * The pages of one made-up target in each format, by number: a page has other values than the one
 * before, some series less and some more, and one number's page is broken.
 */
final class ExpositionPages {

  /**
   * The number of the page that is broken, at its very beginning: where one breaks off later,
   * Prometheus does not end the series before the break, and we do.
   */
  static final int BROKEN = 6;

  private static final int SERIES = 12;

  /** When the counters were created, in milliseconds since the epoch. */
  private final long created;

  ExpositionPages(long created) {
    this.created = created;
  }

  /** Whether a series of many is there: some always, some in turns. */
  private static boolean has(int page, int i) {
    return i < 4 || (page + i) % 5 != 0;
  }

  private static double number(int page, int i) {
    return new Random(page * 1000L + i).nextInt(1_000_000) / 8.0;
  }

  private static String decimal(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return Double.isNaN(value) ? "NaN" : String.format(Locale.ROOT, "%.3f", value);
  }

  private static double odd(int page) {
    double[] values = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.5, 1e300};
    return values[page % values.length];
  }

  byte[] text(int page) {
    StringBuilder out = new StringBuilder(page == BROKEN ? "stray{path=\"no end} 1\n" : "");
    out.append(
        "# HELP requests_total Requests \\\\ of\\nall kinds.\n# TYPE requests_total counter\n");
    for (int i = 0; i < SERIES; i++) {
      if (has(page, i)) {
        out.append("requests_total{path=\"/").append(i).append("\\\"}\\\\\",code=\"200\"} ");
        out.append(decimal(page * 100 + i)).append('\n');
      }
    }
    lines(out, page);
    out.append("# TYPE stamped untyped\nstamped 5 ").append(created + page * 1000L).append('\n');
    out.append("# TYPE \"with.dots\" gauge\n{\"with.dots\",\"a b\"=\"é\"} ")
        .append(page)
        .append('\n');
    out.append("  # just a comment\n# TYPE spaced untyped\nspaced  { a = \"1\" , }  ")
        .append(page)
        .append("  \n");
    return bytes(out);
  }

  byte[] openMetrics(int page) {
    StringBuilder out = new StringBuilder(page == BROKEN ? "stray 1 2 3\n" : "");
    out.append("# HELP requests Requests.\n# TYPE requests counter\n");
    for (int i = 0; i < SERIES; i++) {
      if (has(page, i)) {
        String labels = "{path=\"/" + i + "\"}";
        out.append("requests_total").append(labels).append(' ').append(page * 100 + i);
        out.append(" # {trace_id=\"").append(page).append('-').append(i).append("\"} 0.5 ");
        out.append(seconds(created + 2_000 + page * 1000L)).append('\n');
        out.append("requests_created").append(labels).append(' ').append(seconds(created));
        out.append('\n');
      }
    }
    lines(out, page);
    out.append("# TYPE build info\n# HELP build What it is.\nbuild_info{version=\"")
        .append(page / 4);
    out.append("\"} 1\n# TYPE state stateset\nstate{state=\"on\"} ").append(page % 2);
    out.append("\nstate{state=\"off\"} ").append(1 - page % 2).append('\n');
    out.append("# TYPE gh gaugehistogram\ngh_bucket{le=\"1.0\"} 1\ngh_bucket{le=\"+Inf\"} 3\n");
    out.append("gh_gcount 3\ngh_gsum -2\n");
    // The last one: Prometheus 3.5 gives the unit to families behind it that have none.
    out.append("# TYPE used_bytes gauge\n# UNIT used_bytes bytes\nused_bytes ").append(page);
    out.append('\n');
    return bytes(out.append("# EOF\n"));
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%d.%03d", millis / 1000, millis % 1000);
  }

  /** What both formats of lines write alike. */
  private static void lines(StringBuilder out, int page) {
    out.append("# TYPE heat gauge\n");
    for (int i = 0; i < SERIES; i++) {
      if (has(page + 2, i)) {
        out.append("heat{room=\"").append(i).append("\"} ").append(decimal(number(page, i)));
        out.append('\n');
      }
    }
    out.append("# TYPE odd gauge\nodd ").append(decimal(odd(page))).append('\n');
    out.append("# TYPE wait summary\nwait{quantile=\"0.5\"} ").append(decimal(number(page, 1)));
    out.append("\nwait{quantile=\"1\"} NaN\nwait_sum ").append(page).append("\nwait_count ");
    out.append(page * 2).append('\n');
    out.append("# TYPE took histogram\n");
    for (int i = 0; i < 4; i++) {
      if (has(page, i + 3)) {
        String label = "{job_name=\"" + i + "\"";
        out.append("took_bucket").append(label).append(",le=\"1\"} ").append(page).append('\n');
        out.append("took_bucket").append(label).append(",le=\"2.5\"} ").append(page).append('\n');
        out.append("took_bucket").append(label).append(",le=\"+Inf\"} ").append(page * 2 + i);
        out.append("\ntook_sum").append(label).append("} ").append(page * 3.5).append('\n');
        out.append("took_count").append(label).append("} ").append(page * 2 + i).append('\n');
      }
    }
  }

  private static byte[] bytes(StringBuilder out) {
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  byte[] protobuf(int page) {
    byte[] whole =
        ProtobufExposition.page(
            f -> counters(f, page),
            f -> {
              f.family("heat", "Warmth.", ProtobufExposition.GAUGE);
              for (int i = 0; i < SERIES; i++) {
                double value = number(page, i);
                String room = String.valueOf(i);
                if (has(page + 2, i)) {
                  f.metric(m -> m.label("room", room).value(2, value));
                }
              }
            },
            f -> f.family("odd", "", ProtobufExposition.GAUGE).metric(m -> m.value(2, odd(page))),
            f ->
                f.family("stamped", "", ProtobufExposition.UNTYPED)
                    .metric(m -> m.value(5, 5).number(6, created + page * 1000L)),
            f ->
                f.family("wait", "", ProtobufExposition.SUMMARY)
                    .metric(m ->
                        m.message(
                            4,
                            s ->
                                s.number(1, page * 2L)
                                    .real(2, page)
                                    .message(3, q -> q.real(1, 0.5).real(2, number(page, 1)))
                                    .message(3, q -> q.real(1, 1).real(2, Double.NaN)))),
            f -> classic(f, page),
            f -> natives(f, page),
            f -> floats(f, page),
            f ->
                f.family("gone_native", "", ProtobufExposition.HISTOGRAM)
                    .metric(m -> m.message(7, h -> h.span(12, 0, 0))));
    // A length that nothing follows.
    return page == BROKEN ? new byte[] {100} : whole;
  }

  private void counters(ProtobufExposition f, int page) {
    f.family("requests_total", "Requests.", ProtobufExposition.COUNTER);
    for (int i = 0; i < SERIES; i++) {
      if (has(page, i)) {
        String path = "/" + i;
        String id = page + "-" + i;
        double value = page * 100 + i;
        f.metric(m ->
            m.label("path", path)
                .label("empty", "")
                .message(
                    3,
                    c ->
                        c.real(1, value)
                            .exemplar(2, id, 0.5, created + 2_000 + page * 1000L)
                            .time(3, created)));
      }
    }
  }

  private static void classic(ProtobufExposition f, int page) {
    f.family("took", "", ProtobufExposition.HISTOGRAM);
    for (int i = 0; i < 4; i++) {
      if (has(page, i + 3)) {
        String name = String.valueOf(i);
        long count = page * 2L + i;
        f.metric(m ->
            m.label("job_name", name)
                .message(
                    7,
                    h -> h.number(1, count).real(2, page * 3.5).bucket(1, page).bucket(2.5, page)));
      }
    }
  }

  private void natives(ProtobufExposition f, int page) {
    f.family("latency", "Native.", ProtobufExposition.HISTOGRAM);
    for (int i = 0; i < 6; i++) {
      if (has(page, i)) {
        String path = "/" + i;
        long[] deltas = {1 + page, i, -i, -page - 1, 2, 3};
        long count = (1 + page) * 3L + i + 2 + 5 + 4;
        long at = created + 2_000 + page * 1000L;
        f.metric(m ->
            m.label("path", path)
                .message(
                    7,
                    h ->
                        h.number(1, count)
                            .real(2, page * 1.5)
                            .bucket(1, page)
                            .bucket(4, page + 1L)
                            .signed(5, 3)
                            .real(6, 1e-6)
                            .number(7, 4)
                            .span(12, -2, 4)
                            .span(12, 3, 2)
                            .deltas(13, deltas)
                            .exemplar(16, "n" + page, 1.5, at)
                            .exemplar(16, "m" + page, 2.5, at - 500)
                            .time(15, created)));
      }
    }
  }

  private static void floats(ProtobufExposition f, int page) {
    f.family("depth", "Of a queue.", ProtobufExposition.GAUGE_HISTOGRAM)
        .metric(m ->
            m.message(
                7,
                h ->
                    h.real(4, 3.5 + page)
                        .real(2, -page)
                        .signed(5, -1)
                        .span(9, 0, 2)
                        .reals(11, 1.5, 1)
                        .span(12, 1, 1)
                        .reals(14, 1 + page)));
  }
}
