package io.narthex.rules.file;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.model.duration.Durations;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.promql.parser.ParserOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The groups of a rule file.
 *
 * @param groups all groups, those with faulty rules without these
 * @param problems what is wrong, a message for each in the order of the file; empty if it is right
 * @param names of all rules, the faulty ones too, with the labels that they are written with
 */
public record RuleFile(List<RuleGroup> groups, List<String> problems, List<Named> names) {

  /** What is distinguished: a metric or alert, and the labels of its rule. */
  public record Named(String name, Map<String, String> labels) {}

  /**
   * How a file is read.
   *
   * @param ignoreUnknown whether keys that nobody knows pass
   * @param scheme which names are allowed
   * @param parser which parts of the query language are allowed
   */
  public record Options(boolean ignoreUnknown, ValidationScheme scheme, ParserOptions parser) {

    /** A server's. */
    public static final Options DEFAULT =
        new Options(false, ValidationScheme.UTF8, ParserOptions.DEFAULT);
  }

  public RuleFile {
    groups = List.copyOf(groups);
    problems = List.copyOf(problems);
    names = List.copyOf(names);
  }

  /** Reads a file, its first document if it has several; never throws for what is in it. */
  public static RuleFile read(String content, Options options) {
    Reading reading = new Reading(options);
    try {
      List<RuleGroup> groups = Yaml.decode(content, Path.of(""), reading::groups);
      return new RuleFile(groups, reading.problems, reading.names);
    } catch (YamlException e) {
      return new RuleFile(List.of(), List.of(String.valueOf(e.getMessage())), List.of());
    }
  }

  /** One reading, and what it finds wrong. */
  private static final class Reading {
    final Options options;
    final List<String> problems = new ArrayList<>();
    final List<Named> names = new ArrayList<>();
    final Set<String> groupNames = new HashSet<>();

    Reading(Options options) {
      this.options = options;
    }

    List<RuleGroup> groups(YamlValue value) {
      YamlMap map = value.map("rulefmt.RuleGroups");
      List<RuleDraft.Group> drafts =
          map.list("groups", "[]rulefmt.RuleGroup", group -> group(group));
      finish(map);
      List<RuleGroup> groups = new ArrayList<>();
      for (RuleDraft.Group draft : drafts) {
        groups.add(complete(draft));
      }
      return groups;
    }

    private void finish(YamlMap map) {
      if (options.ignoreUnknown) {
        map.finishWithUnknown();
      } else {
        map.finish();
      }
    }

    private RuleDraft.Group group(YamlValue value) {
      YamlMap map = value.map("rulefmt.RuleGroup");
      String name = map.text("name", "");
      Duration interval = map.value("interval", Duration.ZERO, Durations::decode);
      Duration offset = map.optional("query_offset", Durations::decode);
      long limit = map.value("limit", 0L, YamlValue::integer);
      Map<String, String> labels = texts(map, "labels");
      List<RuleDraft> rules = map.list("rules", "[]rulefmt.Rule", this::rule);
      finish(map);
      return new RuleDraft.Group(
          value.line() + ":" + value.column(), name, interval, offset, limit, labels, rules);
    }

    private RuleDraft rule(YamlValue value) {
      YamlMap map = value.map("rulefmt.Rule");
      RuleDraft draft =
          new RuleDraft(
              value.line() + ":" + value.column(),
              RuleDraft.Place.of(map.get("record")),
              RuleDraft.Place.of(map.get("alert")),
              RuleDraft.Place.of(map.get("expr")),
              map.text("record", ""),
              map.text("alert", ""),
              map.text("expr", ""),
              map.value("for", Duration.ZERO, Durations::decode),
              map.value("keep_firing_for", Duration.ZERO, Durations::decode),
              texts(map, "labels"),
              texts(map, "annotations"));
      finish(map);
      return draft;
    }

    private static Map<String, String> texts(YamlMap map, String key) {
      return new TreeMap<>(
          map.value(key, Map.of(), v -> v.mapOf("map[string]string", YamlValue::text)));
    }

    private RuleGroup complete(RuleDraft.Group draft) {
      if (draft.name().isEmpty()) {
        problems.add(draft.place() + ": Groupname must not be empty");
      }
      if (!groupNames.add(draft.name())) {
        problems.add(
            draft.place() + ": groupname: \"" + draft.name() + "\" is repeated in the same file");
      }
      problems.addAll(RuleDraft.problemsOfLabels(draft.labels(), options.scheme));
      List<Rule> rules = new ArrayList<>();
      for (int i = 0; i < draft.rules().size(); i++) {
        RuleDraft rule = draft.rules().get(i);
        names.add(new Named(rule.name(), rule.labels()));
        List<String> found = new ArrayList<>();
        Rule complete = rule.complete(options, found);
        String whose =
            "group " + quoted(draft.name()) + ", rule " + (i + 1) + ", " + quoted(rule.name());
        for (String problem : found) {
          // Where there is a place, it stands before the tab.
          int tab = problem.indexOf('\t');
          problems.add(
              problem.substring(0, tab) + whose + ": " + problem.substring(tab + 1));
        }
        if (complete != null) {
          rules.add(complete);
        }
      }
      return new RuleGroup(
          draft.name(),
          draft.interval(),
          draft.queryOffset(),
          draft.limit(),
          draft.labels(),
          rules);
    }

    private static String quoted(String text) {
      return GoQuote.quote(text);
    }
  }
}
