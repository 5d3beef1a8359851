package io.narthex.remote.config;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.labels.ValidationScheme;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How what comes by OTLP becomes series.
 *
 * @param promoteAll whether all resource attributes become labels
 * @param promoted the resource attributes that become labels
 * @param ignored those that do not, if all others do
 * @param strategy how names are translated
 * @param keepIdentifying whether target_info keeps the attributes that make up job and instance
 * @param toCustomBuckets whether explicit histograms become native ones with custom buckets
 * @param promoteScope whether name, version and the like of a scope become labels
 * @param underscoreSanitization whether a label that begins with an underscore is given a prefix
 * @param preserveUnderscores whether several underscores in a row stay
 */
public record OtlpConfig(
    boolean promoteAll,
    List<String> promoted,
    List<String> ignored,
    Strategy strategy,
    boolean keepIdentifying,
    boolean toCustomBuckets,
    boolean promoteScope,
    boolean underscoreSanitization,
    boolean preserveUnderscores) {

  /** How names of OTLP become names of Prometheus. */
  public enum Strategy {
    /** Other characters become underscores; unit and type are appended. */
    UNDERSCORES_WITH_SUFFIXES("UnderscoreEscapingWithSuffixes", false),
    /** Names stay; unit and type are appended. */
    UTF8_WITH_SUFFIXES("NoUTF8EscapingWithSuffixes", true),
    /** Other characters become underscores; nothing is appended. */
    UNDERSCORES("UnderscoreEscapingWithoutSuffixes", false),
    /** Names stay as they are. */
    NONE("NoTranslation", true);

    private final String text;
    private final boolean needsUtf8;

    Strategy(String text, boolean needsUtf8) {
      this.text = text;
      this.needsUtf8 = needsUtf8;
    }

    /** The name in configuration files. */
    public String text() {
      return text;
    }

    private static Strategy decode(YamlValue value) {
      String name = value.text();
      for (Strategy strategy : values()) {
        if (strategy.text.equals(name)) {
          return strategy;
        }
      }
      throw value.error("unsupported OTLP translation strategy " + GoQuote.quote(name));
    }
  }

  /** What holds where the file does not say. */
  public static final OtlpConfig DEFAULT =
      new OtlpConfig(
          false,
          List.of(),
          List.of(),
          Strategy.UNDERSCORES_WITH_SUFFIXES,
          false,
          false,
          false,
          true,
          true);

  public OtlpConfig {
    promoted = List.copyOf(promoted);
    ignored = List.copyOf(ignored);
  }

  /** Reads the section. */
  public static OtlpConfig decode(YamlValue value) {
    YamlMap map = value.map("config.plain");
    boolean all = map.bool("promote_all_resource_attributes", false);
    List<String> promoted = map.texts("promote_resource_attributes");
    List<String> ignored = map.texts("ignore_resource_attributes");
    Strategy strategy = map.value("translation_strategy", DEFAULT.strategy, Strategy::decode);
    boolean keep = map.bool("keep_identifying_resource_attributes", false);
    boolean custom = map.bool("convert_histograms_to_nhcb", false);
    boolean scope = map.bool("promote_scope_metadata", false);
    boolean sanitization = map.bool("label_name_underscore_sanitization", true);
    boolean preserve = map.bool("label_name_preserve_multiple_underscores", true);
    map.finish();
    if (all && !promoted.isEmpty()) {
      throw map.error(
          "promote_resource_attributes",
          "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be"
              + " configured simultaneously");
    }
    if (!all && !ignored.isEmpty()) {
      throw map.error(
          "ignore_resource_attributes",
          "'ignore_resource_attributes' cannot be configured unless"
              + " 'promote_all_resource_attributes' is true");
    }
    return new OtlpConfig(
        all,
        attributes(map, "promote_resource_attributes", promoted, "promoted"),
        attributes(map, "ignore_resource_attributes", ignored, "ignored"),
        strategy,
        keep,
        custom,
        scope,
        sanitization,
        preserve);
  }

  /** The names without blanks around them; none twice, none empty. */
  private static List<String> attributes(
      YamlMap map, String key, List<String> names, String adjective) {
    Set<String> seen = new HashSet<>();
    List<String> problems = new ArrayList<>();
    List<String> stripped = names.stream().map(String::strip).toList();
    for (String name : stripped) {
      if (name.isEmpty()) {
        problems.add("empty " + adjective + " OTel resource attribute");
      } else if (!seen.add(name)) {
        problems.add("duplicated " + adjective + " OTel resource attribute " + GoQuote.quote(name));
      }
    }
    if (!problems.isEmpty()) {
      throw map.error(key, "invalid '" + key + "': " + String.join("\n", problems));
    }
    return stripped;
  }

  /** Refuses a translation whose names the global section does not allow. */
  public void check(YamlMap map, String key, ValidationScheme scheme) {
    if (strategy.needsUtf8 && scheme == ValidationScheme.LEGACY) {
      throw map.error(
          key,
          "OTLP translation strategy "
              + GoQuote.quote(strategy.text)
              + " is not allowed when UTF8 is disabled");
    }
  }

  /** Writes the section as upstream prints it. */
  public void write(YamlWriter.Map out) {
    out.flag("promote_all_resource_attributes", promoteAll);
    out.texts("promote_resource_attributes", promoted);
    out.texts("ignore_resource_attributes", ignored);
    out.put("translation_strategy", strategy.text);
    out.flag("keep_identifying_resource_attributes", keepIdentifying);
    out.flag("convert_histograms_to_nhcb", toCustomBuckets);
    out.flag("promote_scope_metadata", promoteScope);
    // Upstream leaves them out where they are false, and reads true again.
    out.bool("label_name_underscore_sanitization", underscoreSanitization);
    out.bool("label_name_preserve_multiple_underscores", preserveUnderscores);
  }
}
