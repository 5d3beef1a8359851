package io.narthex.it;

import io.narthex.testkit.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Says where two answers of the query API differ: in values beyond a tolerance, in labels, in
 * errors, in annotations, and in the order where the query asked for one.
 */
final class AnswerComparison {

  /** The least part of the greatest bucket that is not what rounding left. */
  private static final double RESIDUE = 1e-12;

  /** Annotations that the version we compare with does not give yet. */
  private static final List<String> YOUNGER =
      List.of("sort is ineffective for range queries", "conflicting counter resets");

  /**
   * How far values may lie apart.
   *
   * @param relative of the greater of both
   * @param absolute whatever they are
   */
  record Tolerance(double relative, double absolute) {

    boolean isEqual(double a, double b) {
      return Double.compare(a, b) == 0
          || a == b
          || Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b))
          || Math.abs(a - b) <= absolute;
    }
  }

  private final Json theirs;
  private final Json ours;
  private final Tolerance tolerance;
  private final List<String> differences = new ArrayList<>();
  private boolean fewerRemarks;

  private AnswerComparison(Json theirs, Json ours, Tolerance tolerance) {
    this.theirs = theirs;
    this.ours = ours;
    this.tolerance = tolerance;
  }

  /**
   * The differences, none if the answers are equal.
   *
   * @param ordered whether the order of the series means something
   * @param isWithOperator whether the query has parts that may turn out not to matter
   * @param tolerance how far values may lie apart
   */
  static List<String> of(
      Json theirs, Json ours, boolean ordered, boolean isWithOperator, Tolerance tolerance) {
    AnswerComparison comparison = new AnswerComparison(theirs, ours, tolerance);
    comparison.compare(ordered);
    if (comparison.fewerRemarks && !isWithOperator) {
      comparison.differences.add("fewer annotations");
    }
    return comparison.differences;
  }

  /** Whether an answer has any value. */
  static boolean hasValues(Json answer) {
    if (isError(answer)) {
      return false;
    }
    Json data = answer.get("data");
    return data.get("resultType").text().equals("scalar") || !data.get("result").items().isEmpty();
  }

  static boolean isError(Json answer) {
    return !answer.get("status").text().equals("success");
  }

  /** Whether the program broke down over the query; what would be right, it does not say. */
  static boolean isPanic(Json answer) {
    return isError(answer)
        && answer.get("error").text().startsWith("unexpected error: runtime error");
  }

  private void compare(boolean ordered) {
    if (isError(theirs) || isError(ours)) {
      same("status", theirs.get("status").text(), ours.get("status").text());
      if (isError(theirs) && isError(ours)) {
        same("errorType", theirs.get("errorType").text(), ours.get("errorType").text());
        same("error", theirs.get("error").text(), ours.get("error").text());
      } else {
        Json error = isError(theirs) ? theirs : ours;
        differences.add("error: " + error.get("error").text());
      }
      return;
    }
    annotations("warnings");
    annotations("infos");
    Json a = theirs.get("data");
    Json b = ours.get("data");
    same("resultType", a.get("resultType").text(), b.get("resultType").text());
    if (!differences.isEmpty() && differences.getLast().startsWith("resultType")) {
      return;
    }
    if (a.get("resultType").text().equals("scalar")) {
      value("scalar", a.get("result").get(1), b.get("result").get(1));
      return;
    }
    series(a.get("result"), b.get("result"), ordered);
  }

  private void series(Json theirSeries, Json ourSeries, boolean ordered) {
    Map<String, Json> a = byLabels(theirSeries);
    Map<String, Json> b = byLabels(ourSeries);
    same("series", a.keySet().toString(), b.keySet().toString());
    if (!a.keySet().equals(b.keySet())) {
      return;
    }
    if (ordered) {
      // Equal values may stand in any order.
      order(theirSeries.items(), ourSeries.items());
    }
    a.forEach((labels, their) -> {
      Json our = b.getOrDefault(labels, their);
      for (String field : List.of("value", "histogram")) {
        if (has(their, our, field, labels)) {
          sample(labels, their.get(field), our.get(field));
        }
      }
      for (String field : List.of("values", "histograms")) {
        if (has(their, our, field, labels)) {
          samples(labels, their.get(field), our.get(field));
        }
      }
    });
  }

  private boolean has(Json their, Json our, String field, String labels) {
    same(labels + " has " + field, "" + their.has(field), "" + our.has(field));
    return their.has(field) && our.has(field);
  }

  private void order(List<Json> their, List<Json> our) {
    for (int i = 0; i < their.size(); i++) {
      boolean floats = their.get(i).has("value") && our.get(i).has("value");
      if (floats) {
        value("order, at " + i, their.get(i).get("value").get(1), our.get(i).get("value").get(1));
      } else {
        same("order, at " + i, "" + their.get(i).has("value"), "" + our.get(i).has("value"));
      }
    }
  }

  private void samples(String labels, Json their, Json our) {
    same(labels + " samples", "" + their.items().size(), "" + our.items().size());
    for (int i = 0; i < Math.min(their.items().size(), our.items().size()); i++) {
      if (differences.size() > 5) {
        return;
      }
      sample(labels, their.get(i), our.get(i));
    }
  }

  private void sample(String labels, Json their, Json our) {
    String what = labels + " at " + their.get(0);
    same(what + " time", their.get(0).toString(), our.get(0).toString());
    Json a = their.get(1);
    Json b = our.get(1);
    if (!a.toString().startsWith("{")) {
      value(what, a, b);
      return;
    }
    value(what + " count", a.get("count"), b.get("count"));
    value(what + " sum", a.get("sum"), b.get("sum"));
    List<Json> buckets = buckets(a);
    List<Json> ourBuckets = buckets(b);
    same(what + " buckets", "" + buckets.size(), "" + ourBuckets.size());
    for (int i = 0; i < Math.min(buckets.size(), ourBuckets.size()); i++) {
      same(
          what + " bucket's bounds",
          buckets.get(i).get(0).toString(),
          ourBuckets.get(i).get(0).toString());
      for (int k = 1; k < 4; k++) {
        value(what + " bucket " + i, buckets.get(i).get(k), ourBuckets.get(i).get(k));
      }
    }
  }

  /** The buckets without those that only hold what rounding left of a difference. */
  private static List<Json> buckets(Json histogram) {
    List<Json> all = histogram.has("buckets") ? histogram.get("buckets").items() : List.of();
    double most = all.stream().mapToDouble(AnswerComparison::size).max().orElse(0);
    return all.stream().filter(bucket -> !(size(bucket) <= RESIDUE * most)).toList();
  }

  private static double size(Json bucket) {
    return Math.abs(number(bucket.get(3).text()));
  }

  private void value(String what, Json their, Json our) {
    double a = number(their.text());
    double b = number(our.text());
    if (!tolerance.isEqual(a, b)) {
      differences.add("%s: %s, ours %s".formatted(what, their.text(), our.text()));
    }
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private void same(String what, String their, String our) {
    if (!their.equals(our)) {
      differences.add("%s: %s, ours %s".formatted(what, their, our));
    }
  }

  private static Map<String, Json> byLabels(Json series) {
    Map<String, Json> all = new TreeMap<>();
    for (Json one : series.items()) {
      Map<String, String> labels = new TreeMap<>();
      for (String name : one.get("metric").names()) {
        labels.put(name, one.get("metric").get(name).text());
      }
      all.put(labels.toString(), one);
    }
    return all;
  }

  /** Parts that cannot change the answer are not evaluated by us, and so have no remarks. */
  private void annotations(String field) {
    TreeSet<String> their = texts(theirs, field);
    TreeSet<String> our = texts(ours, field);
    if (!their.containsAll(our)) {
      same(field, their.toString(), our.toString());
    } else if (!our.containsAll(their)) {
      fewerRemarks = true;
    }
  }

  private static TreeSet<String> texts(Json answer, String field) {
    TreeSet<String> texts = new TreeSet<>();
    if (answer.has(field)) {
      answer.get(field).items().stream()
          .map(Json::text)
          .filter(text -> YOUNGER.stream().noneMatch(text::contains))
          // One that is given in several places names one of them.
          .map(text -> text.replaceFirst(" \\(\\d+:\\d+\\)$", ""))
          .forEach(texts::add);
    }
    return texts;
  }
}
