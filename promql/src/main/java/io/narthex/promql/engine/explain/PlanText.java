package io.narthex.promql.engine.explain;

import io.narthex.promql.engine.core.PlanNote;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A plan as a tree for people: a node, below it what it cost, below that what the planner did.
 * Times and bytes are those of the node alone, of those with all that is below it.
 *
 * <pre>
 * sum by (job) (rate(http_requests_total[5m]))
 * 61 steps, 12 series in the result, 1.9ms (before it 110us, in the queue 9us), 14KiB, ...
 *
 * result
 * │  12 series; 120us of 1.9ms; 1020B of 14KiB
 * └─ #1 aggregation  sum by (job) (rate(http_requests_total[5m]))
 *    │  12 series, 732 values; 300us of 1.8ms; 13KiB of 13KiB
 *    │  labels-projected: only job
 *    └─ #2 function  rate(http_requests_total[5m])
 *       │  600 series, 36,600 values, 36,000 samples read; 1.5ms of 1.5ms
 *       └─ #3 range-selector  http_requests_total[5m]
 *             600 series
 * </pre>
 */
public final class PlanText {

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
      out.append(count(plan.stats().samples(), "sample")).append(" looked at, ");
      out.append(String.format(Locale.ROOT, "%,d", plan.stats().samplesRead())).append(" read\n");
    } else {
      out.append(", planned only\n");
    }
    out.append('\n');
    node(plan.root(), "", "");
    return out.toString();
  }

  private void node(Plan.Node node, String first, String rest) {
    out.append(first);
    if (node.kind() == Plan.Kind.RESULT) {
      out.append("result\n");
    } else {
      out.append('#').append(node.id()).append(' ').append(node.kind().text()).append("  ");
      out.append(node.expr()).append('\n');
    }
    String inner = rest + (node.children().isEmpty() ? "   " : "│  ");
    if (plan.evaluated() && node.kind() != Plan.Kind.REFERENCE) {
      out.append(inner).append(figures(node)).append('\n');
    }
    for (PlanNote note : node.notes()) {
      out.append(inner).append(note.kind().text()).append(": ").append(note.detail()).append('\n');
    }
    for (int i = 0; i < node.children().size(); i++) {
      boolean last = i == node.children().size() - 1;
      node(node.children().get(i), rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "));
    }
  }

  private static String figures(Plan.Node node) {
    List<String> counts = new ArrayList<>(List.of(count(node.series(), "series")));
    if (node.samples() != 0) {
      counts.add(count(node.samples(), "value"));
    }
    if (node.samplesRead() != 0) {
      counts.add(count(node.samplesRead(), "sample") + " read");
    }
    List<String> parts = new ArrayList<>(List.of(String.join(", ", counts)));
    if (node.nanos() != 0) {
      parts.add(time(node.selfNanos()) + " of " + time(node.nanos()));
    }
    if (node.bytes() != 0) {
      parts.add(bytes(node.selfBytes()) + " of " + bytes(node.bytes()));
    }
    return String.join("; ", parts);
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
