package io.narthex.rules.file;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rules that are evaluated together, in order.
 *
 * @param interval time between evaluations; zero for the global one
 * @param queryOffset how far in the past they are evaluated; null for the global offset
 * @param limit the most series or alerts of a rule; 0 for no limit
 * @param labels labels that every rule has if it does not say otherwise
 */
public record RuleGroup(
    String name,
    Duration interval,
    @Nullable Duration queryOffset,
    long limit,
    Map<String, String> labels,
    List<Rule> rules) {

  public RuleGroup {
    labels = Map.copyOf(labels);
    rules = List.copyOf(rules);
  }
}
