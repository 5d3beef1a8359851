package io.narthex.model.relabel;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.regex.AnchoredRegex;
import io.narthex.base.regex.CapturingRegex;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.labels.ValidationScheme;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rules made ready to run: applied one after the other, each to what the one before left, until one
 * drops the label set. Immutable and thread-safe.
 */
public final class Relabelling {

  /** The answer of {@link #dropping} for a label set that is kept. */
  public static final int KEPT = -1;

  /** No rules: keeps everything as it is. */
  public static final Relabelling NONE = new Relabelling(List.of());

  private final List<RelabelConfig> configs;
  private final Rule[] rules;

  private Relabelling(List<RelabelConfig> configs) {
    this.configs = List.copyOf(configs);
    this.rules = configs.stream().map(Rule::of).toArray(Rule[]::new);
  }

  /** Makes rules ready. */
  public static Relabelling of(List<RelabelConfig> configs) {
    return configs.isEmpty() ? NONE : new Relabelling(configs);
  }

  /** The rules it was made of. */
  public List<RelabelConfig> configs() {
    return configs;
  }

  /** Whether there are no rules. */
  public boolean isEmpty() {
    return rules.length == 0;
  }

  /**
   * Applies the rules to a builder.
   *
   * @return false if the label set is to be dropped; the builder is then in between
   */
  public boolean apply(LabelsBuilder labels) {
    return dropping(labels) == KEPT;
  }

  /**
   * Applies the rules to a builder, and says which of them drops the label set.
   *
   * @return the rule's place in {@link #configs}, or {@link #KEPT}; if it is dropped, the builder
   *     is in between
   */
  public int dropping(LabelsBuilder labels) {
    View view = new View(labels);
    for (int i = 0; i < rules.length; i++) {
      if (!rules[i].apply(view)) {
        return i;
      }
    }
    return KEPT;
  }

  /**
   * What one rule made of a label set.
   *
   * @param rule the rule
   * @param output the label set behind it; none once it is dropped
   * @param keep whether the label set is kept so far
   */
  public record Step(RelabelConfig rule, Labels output, boolean keep) {}

  /** What becomes of a label set rule by rule; what is dropped stays dropped. */
  public List<Step> steps(Labels labels) {
    LabelsBuilder builder = new LabelsBuilder().from(labels);
    View view = new View(builder);
    List<Step> steps = new ArrayList<>();
    boolean keep = true;
    for (int i = 0; i < rules.length; i++) {
      keep = keep && rules[i].apply(view);
      steps.add(new Step(configs.get(i), keep ? builder.build() : Labels.EMPTY, keep));
    }
    return steps;
  }

  /**
   * Applies the rules to a label set. Nothing is copied before the first change.
   *
   * @param scratch a builder of the caller's, overwritten where something changes
   * @return the very same set where nothing changed, a new one, or null if it is to be dropped
   */
  public @Nullable Labels apply(Labels labels, LabelsBuilder scratch) {
    if (rules.length == 0) {
      return labels;
    }
    View view = new View(labels, scratch);
    for (Rule rule : rules) {
      if (!rule.apply(view)) {
        return null;
      }
    }
    return view.result(labels);
  }

  /** The label set as the rules so far have left it, copied at the first change only. */
  private static final class View {

    private final @Nullable Labels source;
    private final LabelsBuilder builder;
    private boolean copied;

    View(LabelsBuilder builder) {
      this.source = null;
      this.builder = builder;
      this.copied = true;
    }

    View(Labels source, LabelsBuilder scratch) {
      this.source = source;
      this.builder = scratch;
    }

    Labels result(Labels unchanged) {
      return copied ? builder.build() : unchanged;
    }

    String get(String name) {
      String value = copied || source == null ? builder.get(name) : source.get(name);
      return value == null ? "" : value;
    }

    void set(String name, String value) {
      if (!get(name).equals(value)) {
        builder().set(name, value);
      }
    }

    LabelsBuilder builder() {
      if (!copied && source != null) {
        builder.from(source);
        copied = true;
      }
      return builder;
    }

    /** The names as they stand now, so that a rule may write while it walks. */
    List<String> names() {
      List<String> names = new ArrayList<>();
      if (!copied && source != null) {
        for (Labels.Cursor c = source.cursor(); c.next(); ) {
          names.add(c.name());
        }
      } else {
        for (int i = 0; i < builder.size(); i++) {
          names.add(builder.name(i));
        }
      }
      return names;
    }
  }

  /** One rule; false drops the label set. */
  private interface Rule {

    boolean apply(View labels);

    static Rule of(RelabelConfig config) {
      Source source = new Source(config.sourceLabels().toArray(String[]::new), config.separator());
      String target = config.targetLabel();
      return switch (config.action()) {
        case REPLACE -> replace(config, source);
        case KEEP -> {
          AnchoredRegex regex = AnchoredRegex.compile(config.expression());
          yield labels -> regex.matches(source.value(labels));
        }
        case DROP -> {
          AnchoredRegex regex = AnchoredRegex.compile(config.expression());
          yield labels -> !regex.matches(source.value(labels));
        }
        case KEEPEQUAL -> labels -> labels.get(target).equals(source.value(labels));
        case DROPEQUAL -> labels -> !labels.get(target).equals(source.value(labels));
        case HASHMOD ->
            labels -> {
              labels.set(target, hashMod(source.value(labels), config.modulus()));
              return true;
            };
        case LABELMAP -> labelMap(config);
        case LABELDROP -> removing(config, true);
        case LABELKEEP -> removing(config, false);
        case LOWERCASE ->
            labels -> {
              labels.set(target, lower(source.value(labels)));
              return true;
            };
        case UPPERCASE ->
            labels -> {
              labels.set(target, upper(source.value(labels)));
              return true;
            };
      };
    }
  }

  /** Where a rule's value comes from. */
  private record Source(String[] names, String separator) {

    String value(View labels) {
      return switch (names.length) {
        case 0 -> "";
        case 1 -> labels.get(names[0]);
        default -> {
          StringBuilder joined = new StringBuilder(labels.get(names[0]));
          for (int i = 1; i < names.length; i++) {
            joined.append(separator).append(labels.get(names[i]));
          }
          yield joined.toString();
        }
      };
    }
  }

  private static Rule replace(RelabelConfig config, Source source) {
    String target = config.targetLabel();
    String replacement = config.replacement();
    boolean all = config.expression().equals(RelabelConfig.DEFAULT_REGEX);
    boolean plainTarget = target.indexOf('$') < 0;
    if (all && plainTarget && replacement.indexOf('$') < 0) {
      return labels -> {
        labels.set(target, replacement);
        return true;
      };
    }
    if (all && plainTarget && replacement.equals(RelabelConfig.DEFAULT_REPLACEMENT)) {
      return labels -> {
        labels.set(target, source.value(labels));
        return true;
      };
    }
    CapturingRegex regex = CapturingRegex.compile(config.expression());
    ValidationScheme scheme = config.scheme();
    return labels -> {
      CapturingRegex.Captures captures = regex.match(source.value(labels));
      if (captures != null) {
        String name = captures.expand(target);
        if (scheme.allowsLabel(name)) {
          labels.set(name, captures.expand(replacement));
        }
      }
      return true;
    };
  }

  private static Rule labelMap(RelabelConfig config) {
    CapturingRegex regex = CapturingRegex.compile(config.expression());
    return labels -> {
      // The values too are those from before the rule: a label may be both read and written.
      List<String> names = labels.names();
      List<String> values = names.stream().map(labels::get).toList();
      for (int i = 0; i < names.size(); i++) {
        CapturingRegex.Captures captures = regex.match(names.get(i));
        if (captures != null) {
          String name = captures.expand(config.replacement());
          if (!name.isEmpty()) {
            labels.set(name, values.get(i));
          }
        }
      }
      return true;
    };
  }

  private static Rule removing(RelabelConfig config, boolean matching) {
    AnchoredRegex regex = AnchoredRegex.compile(config.expression());
    return labels -> {
      for (String name : labels.names()) {
        if (regex.matches(name) == matching) {
          labels.builder().remove(name);
        }
      }
      return true;
    };
  }

  /** The last eight bytes of the MD5 digest, big endian and unsigned, modulo the modulus. */
  private static String hashMod(String value, long modulus) {
    try {
      byte[] digest = MessageDigest.getInstance("MD5").digest(Utf8.bytes(value));
      return Long.toUnsignedString(
          Long.remainderUnsigned(ByteBuffer.wrap(digest).getLong(8), modulus));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  /** Character by character as Go does it, so without the special cases of languages. */
  private static String lower(String value) {
    StringBuilder out = new StringBuilder(value.length());
    value.codePoints().map(Character::toLowerCase).forEach(out::appendCodePoint);
    return out.toString();
  }

  private static String upper(String value) {
    StringBuilder out = new StringBuilder(value.length());
    value.codePoints().map(Character::toUpperCase).forEach(out::appendCodePoint);
    return out.toString();
  }
}
