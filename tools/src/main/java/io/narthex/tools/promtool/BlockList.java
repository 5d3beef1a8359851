package io.narthex.tools.promtool;

import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A table of blocks, in columns as Go's {@code tabwriter} aligns them. */
final class BlockList {

  private static final int LEAST_WIDTH = 13;
  private static final int PADDING = 2;
  private static final List<String> HEADER =
      List.of(
          "BLOCK ULID",
          "MIN TIME",
          "MAX TIME",
          "DURATION",
          "NUM SAMPLES",
          "NUM CHUNKS",
          "NUM SERIES",
          "SIZE");

  private final PrintStream out;
  private final boolean human;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param human whether times and sizes are for people
   */
  BlockList(PrintStream out, boolean human) {
    this.out = out;
    this.human = human;
  }

  void add(Block block) {
    BlockMeta meta = block.meta();
    rows.add(
        List.of(
            meta.ulid().toString(),
            time(meta.minTime()),
            time(meta.maxTime()),
            GoText.duration(meta.maxTime() - meta.minTime()),
            Long.toString(meta.stats().samples()),
            Long.toString(meta.stats().chunks()),
            Long.toString(meta.stats().series()),
            human ? GoText.bytes(block.size()) : Long.toString(block.size())));
  }

  private String time(long millis) {
    return human ? GoText.time(millis) : Long.toString(millis);
  }

  /** Prints the rows that were added since the last time, with or without a line of names. */
  void print(boolean withHeader) {
    List<List<String>> all = new ArrayList<>();
    if (withHeader) {
      all.add(HEADER);
    }
    all.addAll(rows);
    rows.clear();
    int[] widths = new int[HEADER.size()];
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], Math.max(LEAST_WIDTH, row.get(i).length() + PADDING));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        String cell = row.get(i);
        text.append(cell);
        if (i < widths.length - 1) {
          text.append(" ".repeat(widths[i] - cell.length()));
        }
      }
      text.append('\n');
    }
    out.print(text);
  }
}
