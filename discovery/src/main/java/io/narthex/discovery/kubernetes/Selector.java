package io.narthex.discovery.kubernetes;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which objects of one kind are looked at. The texts are those of the Kubernetes API, which does
 * the selecting; here only their form is checked.
 *
 * @param role the kind; null where the file does not say
 * @param label a selector by labels, empty for all
 * @param field a selector by fields, empty for all
 */
public record Selector(@Nullable Role role, String label, String field) {

  /** All objects. */
  static final Selector ALL = new Selector(null, "", "");

  private static final String KEY_CHARACTERS = "-_./";

  static Selector decode(YamlValue value) {
    YamlMap map = value.map("kubernetes.SelectorConfig");
    Selector selector =
        new Selector(
            map.optional("role", Role::decode), map.text("label", ""), map.text("field", ""));
    map.finish();
    return selector;
  }

  /** What is wrong with it; empty for nothing. */
  String problem() {
    for (String term : terms(field)) {
      if (!term.isEmpty() && term.indexOf('=') < 0) {
        return "invalid selector: '" + field + "'; can't understand '" + term + "'";
      }
    }
    for (String term : terms(label)) {
      if (!isRequirement(term.strip()) && !label.isBlank()) {
        return "unable to parse requirement: invalid label selector '" + label + "'";
      }
    }
    return "";
  }

  /** The parts between commas, those within parentheses left together. */
  private static List<String> terms(String text) {
    List<String> terms = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '(') {
        depth++;
      } else if (c == ')') {
        depth--;
      } else if (c == ',' && depth == 0) {
        terms.add(text.substring(from, i));
        from = i + 1;
      }
    }
    terms.add(text.substring(from));
    return terms;
  }

  /** A key that must be there or not, or a key with an operator and what it is compared with. */
  private static boolean isRequirement(String term) {
    String rest = term.startsWith("!") ? term.substring(1).strip() : term;
    int end = 0;
    while (end < rest.length() && isKey(rest.charAt(end))) {
      end++;
    }
    String operation = rest.substring(end).strip();
    if (end == 0 || (operation.isEmpty() && term.isEmpty())) {
      return false;
    }
    if (operation.isEmpty()) {
      return true;
    }
    if (term.startsWith("!")) {
      return false;
    }
    if (operation.startsWith("in") || operation.startsWith("notin")) {
      String values = operation.substring(operation.startsWith("in") ? 2 : 5).strip();
      return values.startsWith("(") && values.endsWith(")");
    }
    for (String operator : List.of("==", "!=", "=", ">", "<")) {
      if (operation.startsWith(operator)) {
        return operation
            .substring(operator.length())
            .strip()
            .chars()
            .allMatch(c -> isKey((char) c));
      }
    }
    return false;
  }

  private static boolean isKey(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || KEY_CHARACTERS.indexOf(c) >= 0;
  }

  void write(YamlWriter.Map out) {
    if (role != null) {
      out.put("role", role.text());
    }
    out.text("label", label);
    out.text("field", field);
  }
}
