package io.narthex.promql.engine.explain;

import io.narthex.promql.engine.core.PlanNote;
import java.util.Locale;

/**
 * A plan as a tree for people: a line per node, what it cost on the right of it, what the planner
 * did below it.
 *
 * <pre>
 * sum by (job) (rate(http_requests_total[5m]))
 * 61 steps, 12 series in the result, 1.9ms (planning 0.2ms, queued 0s), 14KiB, 36,000 samples read
 *
 * result                                              12 series     732 values    0.1ms   14KiB
 * └─ #1 aggregation  sum by (job) (...)               12 series     732 values    0.3ms
 *    │  fused: ...
 *    └─ #2 function  rate(http_requests_total[5m])   600 series  36,600 values    1.5ms
 * </pre>
 */
public final class PlanText {

  private static final int TREE_WIDTH = 72;

  private final StringBuilder out = new StringBuilder();
  private final Plan plan;

  private PlanText(Plan plan) {
    this.plan = plan;
  }

  /** The tree. It ends in a line feed. */
  public static String of(Plan plan) {
    return new PlanText(plan).print();
  }

  private String print() {
    out.append(plan.query().strip()).append('\n');
    out.append(count(plan.steps(), "step"));
    if (plan.evaluated()) {
      out.append(", ").append(count(plan.resultSeries(), "series"));
      out.append(" in the result, ").append(time(plan.stats().evaluationNanos()));
      out.append(" (before it ").append(time(plan.stats().prepareNanos()));
      out.append(", in the queue ").append(time(plan.stats().queueNanos())).append("), ");
      out.append(bytes(plan.bytes())).append(", ");
      out.append(count(plan.stats().samples(), "sample")).append(" looked at\n");
    } else {
      out.append(", planned only\n");
    }
    out.append('\n');
    node(plan.root(), "", "");
    return out.toString();
  }

  private void node(Plan.Node node, String first, String rest) {
    StringBuilder line = new StringBuilder(first);
    if (node.kind() == Plan.Kind.RESULT) {
      line.append("result");
    } else {
      line.append('#').append(node.id()).append(' ').append(node.kind().text()).append("  ");
      line.append(node.expr());
    }
    if (plan.evaluated()) {
      figures(line, node);
    }
    out.append(line).append('\n');
    String inner = rest + (node.children().isEmpty() ? "   " : "│  ");
    for (PlanNote note : node.notes()) {
      out.append(inner).append(note.kind().text()).append(": ").append(note.detail()).append('\n');
    }
    for (int i = 0; i < node.children().size(); i++) {
      boolean last = i == node.children().size() - 1;
      node(node.children().get(i), rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "));
    }
  }

  private static void figures(StringBuilder line, Plan.Node node) {
    if (node.kind() == Plan.Kind.REFERENCE) {
      return;
    }
    line.append(" ".repeat(Math.max(2, TREE_WIDTH - line.length())));
    line.append(right(count(node.series(), "series"), 16));
    line.append(right(count(node.samples(), "value"), 18));
    line.append(right(node.samplesRead() == 0 ? "" : count(node.samplesRead(), "sample"), 20));
    line.append(right(time(node.selfNanos()), 10));
    line.append(" of ").append(right(time(node.nanos()), 8));
    line.append(right(node.bytes() == 0 ? "" : bytes(node.selfBytes()), 10));
    if (node.bytes() != 0) {
      line.append(" of ").append(bytes(node.bytes()));
    }
    while (line.charAt(line.length() - 1) == ' ') {
      line.setLength(line.length() - 1);
    }
  }

  private static String right(String text, int width) {
    return " ".repeat(Math.max(1, width - text.length())) + text;
  }

  private static String count(long number, String thing) {
    String text = String.format(Locale.ROOT, "%,d", number);
    return text + " " + thing + (number == 1 || thing.equals("series") ? "" : "s");
  }

  private static String time(long nanos) {
    if (nanos >= 1_000_000_000) {
      return String.format(Locale.ROOT, "%.2fs", nanos / 1e9);
    }
    return nanos >= 1_000_000
        ? String.format(Locale.ROOT, "%.1fms", nanos / 1e6)
        : String.format(Locale.ROOT, "%dus", nanos / 1000);
  }

  private static String bytes(long bytes) {
    if (bytes >= 10 << 20) {
      return (bytes >> 20) + "MiB";
    }
    return bytes >= 10 << 10 ? (bytes >> 10) + "KiB" : bytes + "B";
  }
}
