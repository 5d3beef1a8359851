package io.narthex.promql.script;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import java.util.HashMap;
import java.util.Map;
import java.util.StringTokenizer;

/**
 * A histogram between double braces.
 *
 * @param hinted whether it says how it was counted
 */
record HistogramText(FloatHistogram histogram, boolean hinted) {

  /** Parses what stands between the braces: {@code schema:1 sum:3 buckets:[5 10]}. */
  static HistogramText parse(String body) {
    Map<String, String> fields = new HashMap<>();
    int at = 0;
    while (true) {
      while (at < body.length() && Character.isWhitespace(body.charAt(at))) {
        at++;
      }
      if (at >= body.length()) {
        break;
      }
      int colon = body.indexOf(':', at);
      if (colon < 0) {
        throw new ScriptException(
            "expected a field of a histogram at \"" + body.substring(at) + "\"");
      }
      String name = body.substring(at, colon).strip();
      int end;
      if (colon + 1 < body.length() && body.charAt(colon + 1) == '[') {
        end = body.indexOf(']', colon) + 1;
        if (end == 0) {
          throw new ScriptException("a list of a histogram is not closed");
        }
      } else {
        end = colon + 1;
        while (end < body.length() && !Character.isWhitespace(body.charAt(end))) {
          end++;
        }
      }
      if (fields.put(name, body.substring(colon + 1, end)) != null) {
        throw new ScriptException("duplicate field of a histogram: " + name);
      }
      at = end;
    }
    return build(fields);
  }

  private static HistogramText build(Map<String, String> fields) {
    int schema = (int) number(take(fields, "schema", "0"));
    FloatHistogram histogram =
        schema == FloatHistogram.CUSTOM_BUCKETS
            ? FloatHistogram.custom(list(take(fields, "custom_values", "[]")))
            : new FloatHistogram(schema);
    histogram.sum(number(take(fields, "sum", "0")));
    histogram.count(number(take(fields, "count", "0")));
    histogram.zero(number(take(fields, "z_bucket_w", "0")), number(take(fields, "z_bucket", "0")));
    histogram.positive(
        (int) number(take(fields, "offset", "0")), list(take(fields, "buckets", "[]")));
    histogram.negative(
        (int) number(take(fields, "n_offset", "0")), list(take(fields, "n_buckets", "[]")));
    String hint = fields.remove("counter_reset_hint");
    if (hint != null) {
      histogram.hint(
          switch (hint) {
            case "unknown" -> ResetHint.UNKNOWN;
            case "reset" -> ResetHint.RESET;
            case "not_reset" -> ResetHint.NO_RESET;
            case "gauge" -> ResetHint.GAUGE;
            default -> throw new ScriptException("unknown counter_reset_hint: " + hint);
          });
    }
    if (!fields.isEmpty()) {
      throw new ScriptException("unknown fields of a histogram: " + fields.keySet());
    }
    return new HistogramText(histogram, hint != null);
  }

  private static String take(Map<String, String> fields, String name, String otherwise) {
    String value = fields.remove(name);
    return value == null ? otherwise : value;
  }

  private static double[] list(String text) {
    if (!text.startsWith("[")) {
      throw new ScriptException("expected a list of a histogram, got \"" + text + "\"");
    }
    StringTokenizer items = new StringTokenizer(text.substring(1, text.length() - 1));
    double[] numbers = new double[items.countTokens()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(items.nextToken());
    }
    return numbers;
  }

  static double number(String text) {
    return switch (text) {
      case "Inf", "+Inf", "inf", "+inf" -> Double.POSITIVE_INFINITY;
      case "-Inf", "-inf" -> Double.NEGATIVE_INFINITY;
      case "NaN", "nan" -> Double.NaN;
      default -> {
        try {
          yield Double.parseDouble(text);
        } catch (NumberFormatException e) {
          throw new ScriptException("not a number: " + text);
        }
      }
    };
  }
}
