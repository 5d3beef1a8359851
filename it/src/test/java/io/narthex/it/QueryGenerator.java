package io.narthex.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Writes queries by PromQL's grammar, in the language of Prometheus 3.5. What was written least so
 * far is written next, so that no function, aggregation or modifier is left out. One seed, one list
 * of queries.
 */
final class QueryGenerator {

  /** What the series of a name are. */
  enum Kind {
    COUNTER,
    GAUGE,
    CLASSIC_BUCKETS,
    NATIVE_HISTOGRAM
  }

  /**
   * The series of one name.
   *
   * @param labels the names of their labels with some values of each
   */
  record Family(String name, Kind kind, Map<String, List<String>> labels) {}

  private static final List<String> MATH =
      List.of(
          "abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "sin", "cos", "tan",
          "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad");
  private static final List<String> DATES =
      List.of(
          "day_of_month",
          "day_of_week",
          "day_of_year",
          "days_in_month",
          "hour",
          "minute",
          "month",
          "year");
  private static final List<String> OVER_TIME =
      List.of(
          "avg_over_time",
          "count_over_time",
          "last_over_time",
          "mad_over_time",
          "max_over_time",
          "min_over_time",
          "present_over_time",
          "stddev_over_time",
          "stdvar_over_time",
          "sum_over_time",
          "ts_of_last_over_time",
          "ts_of_max_over_time",
          "ts_of_min_over_time",
          "changes",
          "resets",
          "rate",
          "increase",
          "delta",
          "irate",
          "idelta",
          "deriv",
          "predict_linear",
          "quantile_over_time",
          "double_exponential_smoothing",
          "absent_over_time");
  private static final List<String> OF_HISTOGRAMS =
      List.of(
          "histogram_avg",
          "histogram_count",
          "histogram_sum",
          "histogram_stddev",
          "histogram_stdvar");
  private static final List<String> AGGREGATIONS =
      List.of(
          "sum",
          "avg",
          "count",
          "min",
          "max",
          "group",
          "stddev",
          "stdvar",
          "topk",
          "bottomk",
          "quantile",
          "count_values",
          "limitk",
          "limit_ratio");
  private static final List<String> CHOOSING = List.of("topk", "bottomk", "limitk");
  private static final List<String> ARITHMETIC = List.of("+", "-", "*", "/", "%", "^", "atan2");
  private static final List<String> COMPARISONS = List.of("==", "!=", ">", "<", ">=", "<=");
  private static final List<String> SETS = List.of("and", "or", "unless");

  private final Random random;
  private final List<Family> families;
  private final long begin;
  private final long end;
  private final TreeMap<String, Integer> written;

  /**
   * @param families what there is to ask for
   * @param begin the first second of the samples
   * @param end the last one
   * @param written how often each thing was written so far; shared by several generators
   */
  QueryGenerator(
      Random random,
      List<Family> families,
      long begin,
      long end,
      TreeMap<String, Integer> written) {
    this.random = random;
    this.families = families;
    this.begin = begin;
    this.end = end;
    this.written = written;
  }

  /** The next query: an instant vector, or now and then a scalar. */
  String next() {
    return one(20) ? scalar(2) : vector(1 + random.nextInt(3));
  }

  /** A time at which there are samples, in seconds. */
  long time() {
    return begin + (long) (random.nextDouble() * (end - begin));
  }

  private boolean one(int of) {
    return random.nextInt(of) == 0;
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /** Of two that are drawn, the one written less often. */
  private String rare(List<String> of) {
    String a = any(of);
    String b = any(of);
    return written.getOrDefault(a, 0) <= written.getOrDefault(b, 0) ? a : b;
  }

  private String note(String thing) {
    written.merge(thing, 1, Integer::sum);
    return thing;
  }

  private String vector(int depth) {
    if (depth == 0) {
      return selector(any(families)) + modifier();
    }
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> aggregation(depth);
      case 3, 4, 5, 6 -> overTime(depth);
      case 7 -> binary(depth);
      case 8 -> histograms(depth);
      case 9 -> one(3) ? "(" + vector(depth - 1) + ")" : "-" + wrapped(depth - 1);
      default -> call(depth);
    };
  }

  private String wrapped(int depth) {
    return "(" + vector(depth) + ")";
  }

  private String scalar(int depth) {
    return switch (random.nextInt(depth == 0 ? 3 : 6)) {
      case 0, 1 -> number();
      case 2 -> one(2) ? note("time") + "()" : note("pi") + "()";
      case 3 -> note("scalar") + "(" + vector(depth - 1) + ")";
      default ->
          "("
              + scalar(depth - 1)
              + " "
              + (one(3) ? note(rare(COMPARISONS)) + " bool" : note(rare(ARITHMETIC)))
              + " "
              + scalar(depth - 1)
              + ")";
    };
  }

  private String number() {
    return any(
        List.of("0", "1", "2", "0.5", "-1", "3.7", "10", "100", "1e3", "0x1F", "Inf", "NaN"));
  }

  private String fraction() {
    return any(List.of("0", "0.01", "0.25", "0.5", "0.75", "0.9", "0.99", "1", "1.5", "-0.5"));
  }

  private String selector(Family family) {
    if (family.labels().isEmpty() || one(3)) {
      return family.name();
    }
    String label = any(List.copyOf(family.labels().keySet()));
    List<String> values = family.labels().getOrDefault(label, List.of());
    String value = any(values);
    String matcher =
        switch (random.nextInt(5)) {
          case 0 -> label + "=\"" + value + "\"";
          case 1 -> label + "!=\"" + value + "\"";
          case 2 -> label + "=~\"" + value + "|" + any(values) + "\"";
          case 3 -> label + "!~\"" + value + ".?\"";
          default -> label + "=~\".+\"";
        };
    return family.name() + "{" + matcher + "}";
  }

  private String modifier() {
    String text = "";
    if (one(8)) {
      text +=
          switch (random.nextInt(3)) {
            case 0 -> " " + note("@ start()");
            case 1 -> " " + note("@ end()");
            default -> " @ " + time() + at();
          };
    }
    if (one(8)) {
      note("offset");
      text += " offset " + (one(3) ? "-" : "") + any(List.of("5s", "30s", "1m", "2m30s"));
    }
    return text;
  }

  private String at() {
    note("@ time");
    return "";
  }

  private String range(int depth) {
    return range(depth, any(families));
  }

  private String range(int depth, Family family) {
    if (depth > 0 && one(4)) {
      note("subquery");
      String step = one(3) ? "" : any(List.of("7s", "15s", "1m"));
      return wrapped(depth - 1)
          + "["
          + any(List.of("1m", "5m", "10m"))
          + ":"
          + step
          + "]"
          + modifier();
    }
    return selector(family) + "[" + any(List.of("20s", "1m", "2m", "5m", "15m")) + "]" + modifier();
  }

  private String overTime(int depth) {
    String name = note(rare(OVER_TIME));
    String range = range(depth);
    return switch (name) {
      case "quantile_over_time" -> name + "(" + fraction() + ", " + range + ")";
      case "predict_linear" ->
          name + "(" + range + ", " + any(List.of("0", "60", "3600", "-300")) + ")";
      case "double_exponential_smoothing" -> name + "(" + range + ", 0.3, 0.6)";
      case "absent_over_time" ->
          one(2)
              ? name + "(" + range + ")"
              : name + "(nothing_of_this_name{a=\"b\", c=~\"d\"}[5m])";
      default -> name + "(" + range + ")";
    };
  }

  private String call(int depth) {
    String inner = vector(depth - 1);
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> note(rare(MATH)) + "(" + inner + ")";
      case 3 -> {
        String date = note(rare(DATES));
        yield one(3)
            ? date + "()"
            : date
                + "("
                + note("vector")
                + "("
                + note("time")
                + "() - "
                + any(List.of("0", "1e3", "86400", "1e9", "-3e9", "0.5"))
                + "))";
      }
      case 4 ->
          switch (random.nextInt(3)) {
            case 0 -> note("clamp") + "(" + inner + ", " + number() + ", " + number() + ")";
            case 1 -> note("clamp_max") + "(" + inner + ", " + scalar(1) + ")";
            default -> note("clamp_min") + "(" + inner + ", " + scalar(1) + ")";
          };
      case 5 ->
          note("round")
              + "("
              + inner
              + (one(2) ? "" : ", " + any(List.of("0.1", "5", "0.25", "3")))
              + ")";
      case 6 ->
          note("label_replace")
              + "("
              + inner
              + ", \""
              + any(List.of("new", "instance", "place"))
              + "\", \"$1-x\", \""
              + any(List.of("instance", "path", "nothing"))
              + "\", \"(.).*\")";
      case 7 -> note("label_join") + "(" + inner + ", \"joined\", \"/\", \"instance\", \"path\")";
      case 8 -> {
        String sort =
            note(rare(List.of("sort", "sort_desc", "sort_by_label", "sort_by_label_desc")));
        yield sort + "(" + inner + (sort.contains("label") ? ", \"instance\"" : "") + ")";
      }
      case 9 -> note("timestamp") + "(" + inner + ")";
      case 10 ->
          one(2)
              ? note("absent") + "(" + inner + ")"
              : note("vector") + "(" + scalar(depth - 1) + ")";
      default -> note("info") + "(" + selector(any(families)) + ")";
    };
  }

  private String histograms(int depth) {
    List<Family> native0 = of(Kind.NATIVE_HISTOGRAM);
    List<Family> classic = of(Kind.CLASSIC_BUCKETS);
    if (!native0.isEmpty() && one(2)) {
      Family family = any(native0);
      String inner =
          one(2)
              ? selector(family) + modifier()
              : any(List.of("rate", "increase", "sum_over_time", "avg_over_time"))
                  + "("
                  + selector(family)
                  + "[5m])";
      return switch (random.nextInt(4)) {
        case 0 -> note("histogram_quantile") + "(" + fraction() + ", " + inner + ")";
        case 1 ->
            note("histogram_fraction")
                + "("
                + any(List.of("0", "-Inf", "1", "0.2"))
                + ", "
                + any(List.of("2", "10", "+Inf", "1"))
                + ", "
                + inner
                + ")";
        default -> note(rare(OF_HISTOGRAMS)) + "(" + inner + ")";
      };
    }
    if (classic.isEmpty()) {
      return aggregation(depth);
    }
    Family family = any(classic);
    String inner = "rate(" + selector(family) + "[5m])";
    if (one(2)) {
      inner = "sum by (le" + (one(2) ? ", instance" : "") + ") (" + inner + ")";
    }
    return one(3)
        ? note("histogram_fraction")
            + "(0.1, "
            + any(List.of("1", "2.5", "+Inf"))
            + ", "
            + inner
            + ")"
        : note("histogram_quantile") + "(" + fraction() + ", " + inner + ")";
  }

  private List<Family> of(Kind kind) {
    return families.stream().filter(family -> family.kind() == kind).toList();
  }

  private String aggregation(int depth) {
    String name = note(rare(AGGREGATIONS));
    String grouping =
        switch (random.nextInt(3)) {
          case 0 -> "";
          case 1 -> note("by") + " (" + labels() + ") ";
          default -> note("without") + " (" + labels() + ") ";
        };
    String parameter =
        switch (name) {
          case "topk", "bottomk", "limitk" -> any(List.of("1", "2", "3", "5")) + ", ";
          case "quantile" -> fraction() + ", ";
          case "count_values" -> "\"value\", ";
          case "limit_ratio" -> any(List.of("0.3", "0.7", "-0.4", "1", "-1")) + ", ";
          default -> "";
        };
    // Of equal values the first is chosen, and what comes out of operators over a range and of
    // count_values is in the order of a Go map: another one each time.
    String vector = CHOOSING.contains(name) ? ordered() : vector(depth - 1);
    String inner = "(" + parameter + vector + ")";
    return one(2) ? name + " " + grouping + inner : name + inner + " " + grouping.strip();
  }

  private String ordered() {
    return one(2) ? selector(any(families)) : overTime(0);
  }

  private String labels() {
    List<String> names = new ArrayList<>(List.of("instance", "path", "code", "job", "mode"));
    String text = any(names);
    return one(2) ? text : text + ", " + any(names);
  }

  private String binary(int depth) {
    String left = wrapped(depth - 1);
    if (one(4)) {
      boolean comparison = one(2);
      String operator =
          comparison
              ? note(rare(COMPARISONS)) + (one(2) ? " " + note("bool") : "")
              : note(rare(ARITHMETIC));
      return one(2)
          ? left + " " + operator + " " + scalar(1)
          : scalar(1) + " " + operator + " " + left;
    }
    if (one(4)) {
      return left + " " + note(rare(SETS)) + matching() + " " + wrapped(depth - 1);
    }
    // The two sides of a family match, one to one or many to one.
    Family family = any(families);
    String one = "(" + sameLabels(family, depth) + ")";
    String other = "(" + sameLabels(family, depth) + ")";
    String operator =
        one(3)
            ? note(rare(COMPARISONS)) + (one(2) ? " " + note("bool") : "")
            : note(rare(ARITHMETIC));
    return switch (random.nextInt(5)) {
      case 0 ->
          one
              + " "
              + operator
              + " "
              + note("on")
              + " (instance) "
              + note("group_left")
              + " () sum by (instance) "
              + other;
      case 1 ->
          "max by (instance, job) "
              + one
              + " "
              + operator
              + " "
              + note("on")
              + " (instance) "
              + note("group_right")
              + " (job) "
              + other;
      case 2 -> one + " " + operator + " " + note("ignoring") + " (nothing) " + other;
      default -> one + " " + operator + " " + other;
    };
  }

  private String matching() {
    return one(2)
        ? ""
        : one(2) ? " " + note("on") + " (instance)" : " " + note("ignoring") + " (path, le, code)";
  }

  private String sameLabels(Family family, int depth) {
    String range = family.name() + "[" + any(List.of("1m", "5m")) + "]";
    return switch (random.nextInt(depth > 1 ? 4 : 2)) {
      case 0 -> family.name();
      case 1 -> family.name() + modifier();
      case 2 ->
          note(any(List.of("rate", "delta", "avg_over_time", "sum_over_time"))) + "(" + range + ")";
      default ->
          note(any(List.of("last_over_time", "min_over_time", "changes"))) + "(" + range + ")";
    };
  }
}
