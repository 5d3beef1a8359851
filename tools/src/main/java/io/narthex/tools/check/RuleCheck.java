package io.narthex.tools.check;

import io.narthex.model.labels.ValidationScheme;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.rules.file.RuleFile;
import io.narthex.rules.file.RuleGroup;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** {@code check rules}. */
final class RuleCheck {

  private static final Comparator<RuleFile.Named> ORDER =
      Comparator.comparing(RuleFile.Named::name).thenComparing(RuleCheck::compareLabels);

  private final PrintStream out;
  private final PrintStream err;
  private final Lint lint;
  private final RuleFile.Options options;

  RuleCheck(
      PrintStream out, PrintStream err, Lint lint, ValidationScheme scheme, ParserOptions parser) {
    this.out = out;
    this.err = err;
    this.lint = lint;
    this.options = new RuleFile.Options(lint.ignoreUnknown(), scheme, parser);
  }

  Outcome files(List<String> files) {
    Outcome outcome = Outcome.RIGHT;
    for (String file : files) {
      out.println("Checking " + file);
      try {
        outcome = outcome.and(content(Files.readString(Path.of(file)), file + ": "));
      } catch (NoSuchFileException e) {
        outcome = outcome.and(failed(file, "no such file or directory"));
      } catch (IOException e) {
        outcome = outcome.and(failed(file, String.valueOf(e.getMessage())));
      }
    }
    return outcome;
  }

  private Outcome failed(String file, String reason) {
    err.println("  FAILED:");
    err.println(file + ": open " + file + ": " + reason);
    return Outcome.WRONG;
  }

  Outcome input(InputStream in) throws IOException {
    out.println("Checking standard input");
    return content(new String(in.readAllBytes(), StandardCharsets.UTF_8), "");
  }

  private Outcome content(String text, String prefix) {
    RuleFile file = RuleFile.read(text, options);
    if (!file.problems().isEmpty()) {
      err.println("  FAILED:");
      file.problems().forEach(problem -> err.println(prefix + problem));
      return Outcome.WRONG;
    }
    List<RuleFile.Named> twice = lint.duplicateRules() ? duplicates(file.names()) : List.of();
    if (twice.isEmpty()) {
      int rules = file.groups().stream().map(RuleGroup::rules).mapToInt(List::size).sum();
      out.println("  SUCCESS: " + rules + " rules found");
      out.println();
      return Outcome.RIGHT;
    }
    err.println("  FAILED:");
    err.println("lint error " + twice.size() + " duplicate rule(s) found.");
    for (RuleFile.Named rule : twice) {
      err.println("Metric: " + rule.name());
      err.println("Label(s):");
      rule.labels().forEach((name, value) -> err.println("\t" + name + ": " + value));
    }
    err.println("Might cause inconsistency while recording expressions");
    out.println();
    return Outcome.LINT;
  }

  /** Those that are there more than once, each once. */
  private static List<RuleFile.Named> duplicates(List<RuleFile.Named> rules) {
    List<RuleFile.Named> sorted = new ArrayList<>(rules);
    sorted.sort(ORDER);
    List<RuleFile.Named> found = new ArrayList<>();
    for (int i = 1; i < sorted.size(); i++) {
      RuleFile.Named rule = sorted.get(i);
      boolean known = !found.isEmpty() && found.getLast().equals(rule);
      if (rule.equals(sorted.get(i - 1)) && !known) {
        found.add(rule);
      }
    }
    return found;
  }

  /** Pair by pair, the shorter set first. */
  private static int compareLabels(RuleFile.Named a, RuleFile.Named b) {
    Iterator<Map.Entry<String, String>> other = b.labels().entrySet().iterator();
    for (Map.Entry<String, String> label : a.labels().entrySet()) {
      if (!other.hasNext()) {
        return 1;
      }
      Map.Entry<String, String> its = other.next();
      int byName = label.getKey().compareTo(its.getKey());
      int order = byName != 0 ? byName : label.getValue().compareTo(its.getValue());
      if (order != 0) {
        return order;
      }
    }
    return other.hasNext() ? -1 : 0;
  }
}
