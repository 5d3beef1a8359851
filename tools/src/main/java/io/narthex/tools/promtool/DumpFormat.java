package io.narthex.tools.promtool;

import io.narthex.base.bytes.GoFloat;
import io.narthex.base.text.GoQuote;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;

/** How a dump looks. */
sealed interface DumpFormat {

  /** Appends a series with its samples. */
  void series(Labels labels, SampleBuffer samples, StringBuilder out);

  /** Appends what stands at the end. */
  default void end(StringBuilder out) {}

  /** A line for each sample: labels, value, milliseconds. */
  record Samples() implements DumpFormat {

    @Override
    public void series(Labels labels, SampleBuffer samples, StringBuilder out) {
      String name = labels + " ";
      for (int i = 0; i < samples.size(); i++) {
        FloatHistogram histogram = samples.histogram(i);
        out.append(name);
        if (histogram == null) {
          GoFloat.append(out, samples.values()[i]);
        } else {
          out.append(histogram);
        }
        out.append(' ').append(samples.timestamps()[i]).append('\n');
      }
    }
  }

  /** A page of OpenMetrics, without metadata. */
  record OpenMetrics() implements DumpFormat {

    @Override
    public void series(Labels labels, SampleBuffer samples, StringBuilder out) {
      StringBuilder name = new StringBuilder(labels.metricName()).append('{');
      int begin = name.length();
      labels.forEach((label, value) -> {
        if (!label.equals(Labels.METRIC_NAME)) {
          name.append(name.length() > begin ? "," : "").append(label).append('=');
          GoQuote.append(name, value);
        }
      });
      name.append("} ");
      for (int i = 0; i < samples.size(); i++) {
        if (samples.histogram(i) == null && !StaleMarker.is(samples.values()[i])) {
          GoFloat.append(out.append(name), samples.values()[i]).append(' ');
          seconds(out, samples.timestamps()[i]);
        }
      }
    }

    private static void seconds(StringBuilder out, long millis) {
      out.append(millis < 0 ? "-" : "").append(Math.abs(millis / 1000)).append('.');
      out.append(Long.toString(1000 + Math.abs(millis % 1000)), 1, 4).append('\n');
    }

    @Override
    public void end(StringBuilder out) {
      out.append("# EOF\n");
    }
  }

  /** The labels of each series as a JSON object. */
  record SeriesJson() implements DumpFormat {

    @Override
    public void series(Labels labels, SampleBuffer samples, StringBuilder out) {
      out.append('{');
      int begin = out.length();
      labels.forEach((label, value) -> {
        out.append(out.length() > begin ? "," : "");
        quote(out, label);
        quote(out.append(':'), value);
      });
      out.append("}\n");
    }

    /** As Go's encoder does, which keeps HTML out. */
    private static void quote(StringBuilder out, String text) {
      out.append('"');
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        switch (c) {
          case '"' -> out.append("\\\"");
          case '\\' -> out.append("\\\\");
          case '\n' -> out.append("\\n");
          case '\r' -> out.append("\\r");
          case '\t' -> out.append("\\t");
          case '\b' -> out.append("\\b");
          case '\f' -> out.append("\\f");
          case '<', '>', '&', '\u2028', '\u2029' -> escape(out, c);
          default -> {
            if (c < ' ') {
              escape(out, c);
            } else {
              out.append(c);
            }
          }
        }
      }
      out.append('"');
    }

    private static void escape(StringBuilder out, char c) {
      out.append("\\u").append(Integer.toHexString(0x10000 + c), 1, 5);
    }
  }
}
