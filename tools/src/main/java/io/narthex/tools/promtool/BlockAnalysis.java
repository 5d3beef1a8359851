package io.narthex.tools.promtool;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.parser.Parser;
import io.narthex.tools.readonly.ReadOnlyDatabase;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockScan;
import io.narthex.tsdb.index.ChunkMetas;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Says of a block which labels its series come from. One walk through the series; what is kept
 * grows with the label pairs, not with the series or samples.
 *
 * <p>Where upstream leaves the order of equal counts to chance, it is here that of the names.
 */
final class BlockAnalysis {

  /** What is counted of a label name or pair. */
  private static final class Count {
    private long series;
    private long uncovered;
    private long values;
    private long valueBytes;
  }

  private record Line(String name, long count) {}

  private final PrintStream out;
  private final long limit;
  private final String selector;
  private final List<Matcher> matchers;
  private final Map<String, Map<String, Count>> pairs = new HashMap<>();

  /**
   * @param limit the most lines of a list
   * @param selector which series to look at; all if it is empty
   */
  BlockAnalysis(PrintStream out, long limit, String selector) {
    this.out = out;
    this.limit = limit;
    this.selector = selector;
    this.matchers = selector.isEmpty() ? List.of() : Parser.parseSelector(selector);
  }

  /**
   * @param name the block's; empty for the last one
   */
  void run(Path path, String name, boolean extended) {
    ReadOnlyDatabase database = new ReadOnlyDatabase(Disk.SYSTEM, path);
    try (Block block = database.block(name.isEmpty() ? database.lastBlock() : name)) {
      BlockMeta meta = block.meta();
      line("Block ID: " + meta.ulid());
      line("Duration: " + GoText.duration(meta.maxTime() - meta.minTime()));
      line("Total Series: " + meta.stats().series());
      if (!matchers.isEmpty()) {
        line("Matcher: " + selector);
      }
      long matched = count(block);
      print(matched, meta.maxTime() - meta.minTime());
      if (extended) {
        new ChunkAnalysis(out).run(block, matchers);
      }
    }
  }

  private long count(Block block) {
    long range = block.meta().maxTime() - block.meta().minTime();
    long series = 0;
    ChunkMetas chunks = new ChunkMetas();
    try (BlockScan scan = block.scan(matchers)) {
      while (scan.next()) {
        series++;
        scan.chunks(chunks);
        long covered =
            chunks.size() == 0 ? 0 : chunks.maxTime(chunks.size() - 1) - chunks.minTime(0);
        for (Labels.Cursor c = scan.labels().cursor(); c.next(); ) {
          Count count =
              pairs
                  .computeIfAbsent(c.name(), key -> new HashMap<>())
                  .computeIfAbsent(c.value(), key -> new Count());
          count.series++;
          count.uncovered += range - covered;
        }
      }
    }
    return series;
  }

  private void print(long matched, long range) {
    Map<String, Count> names = new HashMap<>();
    Map<String, Count> all = new HashMap<>();
    long[] totals = new long[2];
    pairs.forEach((name, values) -> {
      Count sum = names.computeIfAbsent(name, key -> new Count());
      values.forEach((value, count) -> {
        sum.series += count.series;
        sum.uncovered += count.uncovered;
        sum.values++;
        sum.valueBytes += Utf8.bytes(value).length;
        all.put(name + "=" + value, count);
        totals[0]++;
        totals[1] += count.series;
      });
    });
    line("Label names: " + names.size());
    if (!matchers.isEmpty()) {
      line("Matched series: " + matched);
    }
    line("Postings (unique label pairs): " + totals[0]);
    line("Postings entries (total label pairs): " + totals[1]);
    ToLongFunction<Count> churn = count -> (long) ((double) count.uncovered / range);
    list("Label pairs most involved in churning:", all, churn);
    list("Label names most involved in churning:", names, churn);
    list("Most common label pairs:", all, count -> count.series);
    list(
        "Label names with highest cumulative label value length:",
        names,
        count -> count.valueBytes);
    list("Highest cardinality labels:", names, count -> count.values);
    list(
        "Highest cardinality metric names:",
        pairs.getOrDefault(Labels.METRIC_NAME, Map.of()),
        count -> count.series);
  }

  private void list(String title, Map<String, Count> counts, ToLongFunction<Count> figure) {
    line("");
    line(title);
    List<Line> lines = new ArrayList<>(counts.size());
    counts.forEach((name, count) -> lines.add(new Line(name, figure.applyAsLong(count))));
    lines.sort(
        Comparator.comparingLong(Line::count).reversed().thenComparing(Line::name, Utf8::compare));
    lines.stream().limit(Math.max(0, limit)).forEach(l -> line(l.count + " " + l.name));
  }

  private void line(String text) {
    out.print(text + "\n");
  }
}
