package io.narthex.rules.file;

import io.narthex.base.template.TemplateSyntax;
import java.util.Set;

/** What templates in labels and annotations may use. */
final class AlertTemplates {

  private static final Set<String> FUNCTIONS =
      Set.of(
          "query",
          "first",
          "label",
          "value",
          "strvalue",
          "args",
          "reReplaceAll",
          "safeHtml",
          "match",
          "title",
          "toUpper",
          "toLower",
          "graphLink",
          "tableLink",
          "sortByLabel",
          "stripPort",
          "stripDomain",
          "humanize",
          "humanize1024",
          "humanizeDuration",
          "humanizePercentage",
          "humanizeTimestamp",
          "toTime",
          "toDuration",
          "now",
          "pathPrefix",
          "externalURL",
          "parseDuration",
          "urlQueryEscape",
          "tmpl");

  private static final Set<String> VARIABLES =
      Set.of("$labels", "$externalLabels", "$externalURL", "$value");

  private AlertTemplates() {}

  /** What is wrong with a template, with its name; empty for nothing. */
  static String problem(String name, String text) {
    return text.contains("{{") ? TemplateSyntax.problem(name, text, FUNCTIONS, VARIABLES) : "";
  }
}
