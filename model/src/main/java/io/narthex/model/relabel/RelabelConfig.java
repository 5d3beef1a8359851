package io.narthex.model.relabel;

import io.narthex.base.regex.CapturingRegex;
import io.narthex.base.regex.RegexException;
import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.labels.ValidationScheme;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rule, as it is written in a configuration file.
 *
 * @param sourceLabels the labels whose values are joined into the value that the rule looks at
 * @param separator what stands between them
 * @param regex what the value (or the names of labels) must match as a whole; null for the default,
 *     {@link #DEFAULT_REGEX}
 * @param modulus for hashmod
 * @param targetLabel the label to write, a template for replace
 * @param replacement what to write, a template
 * @param action what to do
 * @param scheme which names may be written
 */
public record RelabelConfig(
    List<String> sourceLabels,
    String separator,
    @Nullable String regex,
    long modulus,
    String targetLabel,
    String replacement,
    RelabelAction action,
    ValidationScheme scheme) {

  /** Matches everything. */
  public static final String DEFAULT_REGEX = "(.*)";

  static final String DEFAULT_SEPARATOR = ";";
  static final String DEFAULT_REPLACEMENT = "$1";

  public RelabelConfig {
    sourceLabels = List.copyOf(sourceLabels);
  }

  /** A rule that has been read; the names it may write are not yet known. */
  @FunctionalInterface
  public interface Draft {

    /**
     * Checks the rule and completes it.
     *
     * @throws io.narthex.base.yaml.YamlException if it breaks a rule of its action
     */
    RelabelConfig complete(ValidationScheme scheme);
  }

  /** The expression, be it given or the default. */
  public String expression() {
    return regex == null ? DEFAULT_REGEX : regex;
  }

  /** Reads a rule from a configuration file. */
  public static Draft decode(YamlValue value) {
    YamlMap map = value.map("relabel.plain");
    boolean hasSources = map.has("source_labels");
    List<String> sources = map.list("source_labels", "model.LabelNames", RelabelConfig::labelName);
    String separator = textOrEmpty(map, "separator", DEFAULT_SEPARATOR);
    String regex = map.has("regex") ? map.value("regex", "", RelabelConfig::regex) : null;
    long modulus = map.value("modulus", 0L, v -> v.unsigned("uint64"));
    String target = map.text("target_label", "");
    String replacement = textOrEmpty(map, "replacement", DEFAULT_REPLACEMENT);
    RelabelAction action =
        map.has("action") ? map.optional("action", RelabelConfig::action) : RelabelAction.REPLACE;
    map.finish();
    return scheme -> {
      if (action == null) {
        throw value.error("relabel action cannot be empty");
      }
      RelabelConfig rule =
          new RelabelConfig(
              sources, separator, regex, modulus, target, replacement, action, scheme);
      String problem = rule.problem(hasSources);
      if (problem != null) {
        throw value.error(problem);
      }
      return rule;
    };
  }

  /** A key without a value is the empty text, not the default. */
  private static String textOrEmpty(YamlMap map, String key, String absent) {
    return map.has(key) ? map.text(key, "") : absent;
  }

  private static String labelName(YamlValue value) {
    String name = value.text();
    if (!ValidationScheme.UTF8.allowsLabel(name)) {
      throw value.error(GoQuote.quote(name) + " is not a valid label name");
    }
    return name;
  }

  private static String regex(YamlValue value) {
    String expression = value.text();
    try {
      return CapturingRegex.compile(expression).expression();
    } catch (RegexException e) {
      throw value.error(String.valueOf(e.getMessage()));
    }
  }

  private static RelabelAction action(YamlValue value) {
    String name = value.text();
    RelabelAction action = RelabelAction.of(name);
    if (action == null) {
      throw value.error("unknown relabel action " + GoQuote.quote(name));
    }
    return action;
  }

  /** What is wrong with the rule, or null. */
  private @Nullable String problem(boolean hasSources) {
    if (modulus == 0 && action == RelabelAction.HASHMOD) {
      return "relabel configuration for hashmod requires non-zero modulus";
    }
    if (action.needsTarget()) {
      if (targetLabel.isEmpty()) {
        return "relabel configuration for "
            + action.text()
            + " action requires 'target_label' value";
      }
      boolean template = action == RelabelAction.REPLACE && targetLabel.contains("$");
      if (!(template ? isTemplate(targetLabel) : scheme.allowsLabel(targetLabel))) {
        return GoQuote.quote(targetLabel)
            + " is invalid 'target_label' for "
            + action.text()
            + " action";
      }
    }
    if (action.refusesReplacement() && !replacement.equals(DEFAULT_REPLACEMENT)) {
      return "'replacement' can not be set for " + action.text() + " action";
    }
    if (action == RelabelAction.LABELMAP && !isTemplate(replacement)) {
      return GoQuote.quote(replacement) + " is invalid 'replacement' for labelmap action";
    }
    boolean othersUnset =
        modulus == 0
            && separator.equals(DEFAULT_SEPARATOR)
            && replacement.equals(DEFAULT_REPLACEMENT);
    return switch (action) {
      case KEEPEQUAL, DROPEQUAL ->
          regex == null && othersUnset
              ? null
              : action.text()
                  + " action requires only 'source_labels' and `target_label`, and no other fields";
      case LABELDROP, LABELKEEP ->
          !hasSources && targetLabel.isEmpty() && othersUnset
              ? null
              : action.text() + " action requires only 'regex', and no other fields";
      case REPLACE, KEEP, DROP, HASHMOD, LABELMAP, LOWERCASE, UPPERCASE -> null;
    };
  }

  /** Whether a template can become a name. */
  private boolean isTemplate(String template) {
    return switch (scheme) {
      case UTF8 -> scheme.allowsLabel(template);
      case LEGACY -> isLegacyTemplate(template);
    };
  }

  /** Letters, digits, underscores and groups ({@code $1}, {@code ${name}}); no digit in front. */
  private static boolean isLegacyTemplate(String template) {
    int at = 0;
    while (at < template.length()) {
      char c = template.charAt(at);
      if (c == '$') {
        boolean braced = template.startsWith("{", at + 1);
        int from = at + (braced ? 2 : 1);
        int to = from;
        while (to < template.length() && isWord(template.charAt(to))) {
          to++;
        }
        if (to == from || (braced && !template.startsWith("}", to))) {
          return false;
        }
        at = braced ? to + 1 : to;
      } else if (!isWord(c) || (at == 0 && c >= '0' && c <= '9')) {
        return false;
      } else {
        at++;
      }
    }
    return at > 0;
  }

  private static boolean isWord(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }

  /** Writes the rule as upstream prints it. */
  public void write(YamlWriter.Map out) {
    out.flow("source_labels", sourceLabels);
    out.text("separator", separator);
    if (regex != null) {
      out.put("regex", regex.isEmpty() ? null : regex);
    }
    out.unsigned("modulus", modulus);
    out.text("target_label", targetLabel);
    out.text("replacement", replacement);
    out.text("action", action.text());
  }
}
