package io.narthex.scrape.append;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.histogram.HistogramRules;
import io.narthex.testkit.Conformance;
import io.narthex.testkit.ProtobufExposition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Pages that were good, with bytes changed, cut out, repeated and mixed: each is read or refused,
 * soon and in bounded memory, and it means the same to a target that has been seen before as to one
 * that is new. Seeded and short; with {@code NARTHEX_PROVE} set it takes minutes and another seed.
 */
final class ExpositionFuzzTest {

  /** What one page may allocate beyond what its size explains. */
  private static final long MOST_BYTES = 8 << 20;

  private static final byte[] EOF = Utf8.bytes("# EOF\n");

  private static final byte[] ODD = {
    0, '\n', ' ', '\t', '"', '\\', '{', '}', '#', ',', '=', 'e', '+', '-', (byte) 0x80, (byte) 0xff
  };

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private long seed = 20_261_121;

  @ParameterizedTest
  @EnumSource(ExpositionFormat.class)
  void changedPagesAreReadOrRefused(ExpositionFormat format) {
    boolean full = "1".equals(System.getenv("NARTHEX_PROVE"));
    long until = System.nanoTime() + 100_000_000_000L;
    if (full) {
      seed = System.nanoTime();
    }
    SplittableRandom random = new SplittableRandom(seed);
    List<byte[]> seeds = seeds(format);
    int pages = 0;
    int good = 0;
    long worst = 0;
    long slowest = 0;
    while (full ? System.nanoTime() < until : pages < 1_500) {
      byte[] page = mutate(random, seeds);
      SampleRules rules = rules(random.nextInt(8));
      Scraped fresh = target(rules);
      long allocated = threads.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      String first = scrape(fresh, page, format);
      slowest = Math.max(slowest, System.nanoTime() - start);
      allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
      worst = Math.max(worst, allocated - 500L * page.length);
      assertThat(scrape(fresh, page, format))
          .as("a page again, seed %s page %s", seed, pages)
          .isEqualTo(first);
      Scraped other = target(rules);
      scrape(other, seeds.get(random.nextInt(seeds.size())), format);
      assertThat(withoutEnded(scrape(other, page, format)))
          .as("behind another page, seed %s page %s", seed, pages)
          .isEqualTo(withoutEnded(first));
      pages++;
      good += first.startsWith("refused") ? 0 : 1;
    }
    System.out.printf(
        "> fuzzing %s, seed %d: %d pages read or refused, %d good; at most %d kB beyond 500 bytes"
            + " per byte of the page, %d ms at most%n",
        format, seed, pages, good, Math.max(0, worst) / 1024, slowest / 1_000_000);
    assertThat(good).isBetween(pages / 100, pages);
    assertThat(worst).isLessThan(MOST_BYTES);
    assertThat(slowest).as("ns of one page").isLessThan(5_000_000_000L);
  }

  private static Scraped target(SampleRules rules) {
    Scraped target = new Scraped();
    target.rules = rules;
    target.inAnyOrder = true;
    return target;
  }

  private static SampleRules rules(int bits) {
    HistogramScraping how =
        new HistogramScraping(
            (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, 0, HistogramRules.MAX_SCHEMA);
    return TestRules.but().histograms(how).typeAndUnit(bits == 3).rules();
  }

  /** What a scrape came to, metadata aside, which is only said when it is new. */
  private static String scrape(Scraped target, byte[] page, ExpositionFormat format) {
    target.now = 1_000_000;
    try {
      return String.join("\n", Scraped.samples(target.scrape(page, format)));
    } catch (ExpositionException | PageException e) {
      return "refused: " + e.getMessage();
    }
  }

  private static String withoutEnded(String said) {
    return String.join("\n", said.lines().filter(l -> !l.endsWith(" stale")).toList());
  }

  private static byte[] mutate(SplittableRandom random, List<byte[]> seeds) {
    byte[] page = seeds.get(random.nextInt(seeds.size()));
    int times = 1 + random.nextInt(4);
    for (int i = 0; i < times && page.length > 0; i++) {
      page = mutateOnce(random, page, seeds);
    }
    return page;
  }

  private static byte[] mutateOnce(SplittableRandom random, byte[] page, List<byte[]> seeds) {
    int at = random.nextInt(page.length);
    int to = Math.min(page.length, at + 1 + random.nextInt(40));
    switch (random.nextInt(6)) {
      case 0:
        byte[] changed = page.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        return changed;
      case 1:
        changed = page.clone();
        changed[at] = ODD[random.nextInt(ODD.length)];
        return changed;
      case 2:
        return joined(page, 0, at, page, to, page.length);
      case 3:
        return joined(page, 0, to, page, at, page.length);
      case 4:
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        return joined(page, 0, at, other, random.nextInt(other.length), other.length);
      default:
        byte[] inserted = joined(page, 0, at + 1, page, at, page.length);
        inserted[at] = ODD[random.nextInt(ODD.length)];
        return inserted;
    }
  }

  private static byte[] joined(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
    byte[] joined = Arrays.copyOf(Arrays.copyOfRange(a, aFrom, aTo), aTo - aFrom + bTo - bFrom);
    System.arraycopy(b, bFrom, joined, aTo - aFrom, bTo - bFrom);
    return joined;
  }

  private static List<byte[]> seeds(ExpositionFormat format) {
    List<byte[]> seeds = new ArrayList<>();
    switch (format) {
      case TEXT -> {
        seeds.add(Utf8.bytes(LINES));
        seeds.add(
            Utf8.bytes(
                "# HELP a b\\n\\\\c\n#\n# TYPE a untyped\na 1 5\n{\"x.y\",b=\"\\\"\"} NaN\n"));
        addConformance(seeds, "exposition", "prom.txt");
      }
      case OPENMETRICS -> {
        seeds.add(Utf8.bytes(LINES.replace("# odd\n", "") + "# EOF\n"));
        seeds.add(
            Utf8.bytes(
                "# TYPE a counter\n# UNIT a_s s\na_total 1 5.5 # {trace_id=\"1\"} 0.5 9\n"
                    + "a_created 4\n# TYPE i info\ni_info{a=\"b\"} 1\n# EOF\n"));
        addConformance(seeds, "exposition", "om.txt");
        addConformance(seeds, "openmetrics/parsers", "metrics");
      }
      case PROTOBUF -> seeds.addAll(families());
    }
    return seeds;
  }

  private static final String LINES =
      """
      # HELP h helps
      # TYPE h histogram
      h_bucket{a="1",le="1"} 1
      h_bucket{a="1",le="+Inf"} 2
      h_sum{a="1"} 2.5
      h_count{a="1"} 2
      h_bucket{a="2",le="1"} 1
      h_bucket{a="2",le="+Inf"} 1
      h_sum{a="2"} 1
      h_count{a="2"} 1
      # TYPE s summary
      s{quantile="0.5"} 3e-7
      s_sum 1
      s_count 3
      # odd
      # TYPE g gauge
      g{b="\\\\x\\n"} -Inf
      """;

  private static List<byte[]> families() {
    byte[] histogram =
        ProtobufExposition.page(
            f ->
                f.family("h", "helps", ProtobufExposition.HISTOGRAM)
                    .metric(m ->
                        m.label("a", "1")
                            .message(
                                7,
                                h ->
                                    h.number(1, 6)
                                        .real(2, 12.5)
                                        .bucket(1, 2)
                                        .bucket(2.5, 5)
                                        .signed(5, 3)
                                        .real(6, 0.001)
                                        .number(7, 1)
                                        .span(12, 0, 3)
                                        .span(12, 2, 1)
                                        .deltas(13, 2, -2, 1, 1)
                                        .exemplar(16, "a", 1.5, 999_000)
                                        .time(15, 500_000))),
            f ->
                f.family("gh", "", ProtobufExposition.GAUGE_HISTOGRAM)
                    .metric(m ->
                        m.message(
                            7, h -> h.real(4, 2.5).real(2, 1).span(9, -3, 2).reals(11, 1, 1.5))));
    byte[] plain =
        ProtobufExposition.page(
            f ->
                f.family("c_total", "", ProtobufExposition.COUNTER)
                    .metric(m ->
                        m.label("x", "é")
                            .label("y", "")
                            .message(3, c -> c.real(1, 3).exemplar(2, "x", 1, 0).time(3, 5))),
            f ->
                f.family("s", "", ProtobufExposition.SUMMARY)
                    .metric(m ->
                        m.message(
                            4, s -> s.number(1, 9).real(2, 3).message(3, q -> q.real(1, 0.5)))),
            f ->
                f.family("g_bytes", "helps", ProtobufExposition.GAUGE)
                    .metric(m -> m.label("x", "1").value(2, Double.NaN).number(6, 99))
                    .metric(m -> m.label("x", "2").value(2, 1))
                    .text(5, "bytes"));
    return List.of(histogram, plain);
  }

  private static void addConformance(List<byte[]> seeds, String folder, String suffix) {
    Path root = conformance(folder);
    if (root == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(suffix)).sorted().toList()) {
        byte[] page = Files.readAllBytes(file);
        if (page.length > 0) {
          // The first part of the large ones, up to a line's end, so that a page costs little.
          int length = Math.min(page.length, 8_000);
          while (length < page.length && page[length - 1] != '\n') {
            length--;
          }
          byte[] part = Arrays.copyOf(page, length);
          boolean cut = length < page.length && suffix.startsWith("om");
          seeds.add(cut ? joined(part, 0, length, EOF, 0, EOF.length) : part);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Path conformance(String folder) {
    return Conformance.find(folder).orElse(null);
  }
}
