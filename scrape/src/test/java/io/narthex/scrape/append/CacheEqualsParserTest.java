package io.narthex.scrape.append;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.exposition.ExpositionTokenizer;
import io.narthex.model.exposition.ExpositionTokenizer.Entry;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
import io.narthex.storage.ExemplarResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * The cache must never change an answer: over any sequence of pages, in any order, with lines that
 * come, go, break and try to look like others, it appends what a reader without memory reads.
 */
final class CacheEqualsParserTest {

  private static final String[] NAMES = {"a", "ab", "a:b", "h_bucket", "s"};
  private static final String[] LABELS = {"", "{}", "{le=\"1\"}", "{quantile=\"0.50\"}"};
  private static final String[] TRICKY = {
    "x",
    "} 1",
    "} 1 2",
    " # {c=\\\"d\\\"} 1",
    "\\\\",
    "\\\"} 3",
    "a{b=\\\"c\\\"} 4",
    "ü€",
    ", ",
    "#",
    "\\n"
  };
  private static final String[] VALUES = {
    "1", "0.25", "-3e-05", "NaN", "+Inf", "1234567890123456789", "1.7976931348623157e308", "5e-324"
  };

  /** Remembers what was appended, and checks that handles are kept apart. */
  private static final class Recorder implements Appender {
    final Map<Labels, Long> handles = new HashMap<>();
    final List<Labels> byHandle = new ArrayList<>();
    final TreeMap<String, List<String>> appended = new TreeMap<>();
    final Set<String> ended = new HashSet<>();

    @Override
    public long series(Labels labels) {
      return handles.computeIfAbsent(
          labels,
          l -> {
            byHandle.add(l);
            return (long) byHandle.size();
          });
    }

    @Override
    public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
      throw new AssertionError("a page of floats has no histogram");
    }

    @Override
    public AppendResult append(long handle, long timestamp, double value) {
      String series = byHandle.get((int) handle - 1).toString();
      if (StaleMarker.is(value)) {
        ended.add(series);
      } else {
        appended
            .computeIfAbsent(series, s -> new ArrayList<>())
            .add(timestamp + "=" + Double.doubleToRawLongBits(value));
      }
      return AppendResult.OK;
    }

    @Override
    public ExemplarResult exemplar(
        long handle, long timestamp, boolean explicit, double value, Labels labels) {
      appended
          .computeIfAbsent(byHandle.get((int) handle - 1).toString(), s -> new ArrayList<>())
          .add(labels + " " + timestamp + "=" + value);
      return ExemplarResult.OK;
    }

    @Override
    public void commit() {}

    @Override
    public void rollback() {}
  }

  private static String line(Random random, boolean openMetrics) {
    StringBuilder line = new StringBuilder(NAMES[random.nextInt(NAMES.length)]);
    if (random.nextBoolean()) {
      line.append(LABELS[random.nextInt(LABELS.length)]);
    } else {
      line.append("{b=\"").append(TRICKY[random.nextInt(TRICKY.length)]).append('"');
      line.append(random.nextInt(4) == 0 ? ",c=\"d\"}" : "}");
    }
    line.append(' ').append(VALUES[random.nextInt(VALUES.length)]);
    if (random.nextInt(5) == 0) {
      line.append(' ').append(openMetrics ? "1.5" : "1500");
    }
    if (openMetrics && random.nextInt(5) == 0) {
      line.append(" # {b=\"").append(TRICKY[random.nextInt(TRICKY.length)]).append("\"} ");
      line.append(VALUES[random.nextInt(VALUES.length)]);
      line.append(random.nextBoolean() ? " 1.25" : "");
    }
    if (!openMetrics && random.nextInt(10) == 0) {
      line.append("  ");
    }
    return line.append('\n').toString();
  }

  private static String page(Random random, List<String> lines, boolean openMetrics) {
    if (random.nextInt(4) == 0) {
      Collections.shuffle(lines, random);
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      lines.add(random.nextInt(lines.size() + 1), line(random, openMetrics));
    }
    if (random.nextInt(3) == 0 && !lines.isEmpty()) {
      lines.remove(random.nextInt(lines.size()));
    }
    StringBuilder page = new StringBuilder();
    for (String line : lines) {
      if (random.nextInt(20) == 0) {
        String type = new String[] {"histogram", "summary", "gauge"}[random.nextInt(3)];
        page.append("# TYPE a ").append(type).append('\n');
      }
      page.append(line);
    }
    if (random.nextInt(8) == 0) {
      page.insert(random.nextInt(page.length() + 1), "\"} 1 {#\\ \n".charAt(random.nextInt(9)));
    }
    return openMetrics ? page.append("# EOF\n").toString() : page.toString();
  }

  /** Whether the page had a time that is not taken: then what follows it in its series differs. */
  private boolean tooFarAhead;

  /** What a reader without memory appends. */
  private Map<String, List<String>> read(byte[] page, ExpositionFormat format) {
    Recorder recorder = new Recorder();
    ExpositionTokenizer tokenizer = new ExpositionTokenizer();
    LabelsBuilder builder = new LabelsBuilder();
    Set<String> seen = new HashSet<>();
    tokenizer.reset(page, 0, page.length, format);
    for (Entry e = tokenizer.next(); e != Entry.EOF; e = tokenizer.next()) {
      if (e != Entry.SERIES) {
        continue;
      }
      tokenizer.labels(builder);
      String text = Utf8.text(page, tokenizer.from(), tokenizer.to() - tokenizer.from());
      boolean first = seen.add(context(tokenizer) + text);
      if (first || tokenizer.hasTimestamp()) {
        long time = tokenizer.hasTimestamp() ? tokenizer.timestamp() : 1000;
        if (time > 1000 + 600_000) {
          tooFarAhead = true;
        }
        long handle = recorder.series(builder.build());
        recorder.append(handle, time, tokenizer.value());
        if (tokenizer.hasExemplar()) {
          boolean own = tokenizer.hasExemplarTimestamp();
          long exemplarTime = own ? tokenizer.exemplarTimestamp() : time;
          tokenizer.lenientExemplarLabels(builder);
          recorder.exemplar(handle, exemplarTime, own, tokenizer.exemplarValue(), builder.build());
        }
      }
    }
    return recorder.appended;
  }

  private static String context(ExpositionTokenizer tokenizer) {
    return switch (tokenizer.type()) {
      case HISTOGRAM -> "h";
      case SUMMARY -> "s";
      default -> "";
    };
  }

  @Property(tries = 300)
  void theCacheNeverChangesAnAnswer(@ForAll long seed, @ForAll boolean openMetrics) {
    ExpositionFormat format = openMetrics ? ExpositionFormat.OPENMETRICS : ExpositionFormat.TEXT;
    Random random = new Random(seed);
    PageAppender pages = new PageAppender();
    PageCache cache = new PageCache();
    Recorder recorder = new Recorder();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lines.add(line(random, openMetrics));
    }
    for (int n = 0; n < 30; n++) {
      byte[] page = Utf8.bytes(page(random, lines, openMetrics));
      recorder.appended.clear();
      String refused = "";
      try {
        pages.append(
            page, 0, page.length, format, cache, SampleRules.DEFAULT, Labels.EMPTY, recorder, 1000);
      } catch (ExpositionException e) {
        refused = String.valueOf(e.getMessage());
        PageAppender.allStale(cache, recorder, 1000);
      }
      String refusedByParser = "";
      Map<String, List<String>> expected = Map.of();
      tooFarAhead = false;
      try {
        expected = read(page, format);
      } catch (ExpositionException e) {
        refusedByParser = String.valueOf(e.getMessage());
      }
      assertThat(refused).as(Utf8.text(page, 0, page.length)).isEqualTo(refusedByParser);
      if (refused.isEmpty() && !tooFarAhead) {
        assertThat(recorder.appended).as(Utf8.text(page, 0, page.length)).isEqualTo(expected);
      }
    }
  }
}
