package io.narthex.base.yaml;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads YAML. */
public final class Yaml {

  private Yaml() {}

  /**
   * Decodes the first document of a text. An empty text is a null value.
   *
   * @throws YamlException if the text is no YAML, has values of the wrong type or unknown keys (all
   *     of them in one message, a line each), or breaks a rule of the decoder
   */
  public static <T> T decode(String content, YamlDecoder<T> decoder) {
    return decode(content, Path.of(""), decoder);
  }

  /**
   * Decodes the first document of a text that came from a file.
   *
   * @param folder the folder of the file, against which {@link YamlValue#file} reads relative paths
   * @throws YamlException as above, or if the file asks for something that is still to come
   */
  public static <T> T decode(String content, Path folder, YamlDecoder<T> decoder) {
    Decoded<T> decoded = decodeAll(content, folder, UnaryOperator.identity(), decoder);
    if (!decoded.later.isEmpty()) {
      throw new YamlException(decoded.later.getFirst());
    }
    return decoded.value;
  }

  /**
   * What a text says.
   *
   * @param later what it asks for and what is still to come, a message with its line for each
   */
  public record Decoded<T>(T value, List<String> later) {

    public Decoded {
      later = List.copyOf(later);
    }
  }

  /**
   * Decodes the first document of a text and takes what is still to come for a value like others,
   * for whoever checks a file and does not act on it.
   *
   * @param folder the folder of the file, against which {@link YamlValue#file} reads relative paths
   * @param expansion applied to every text and number that is a value, not to keys
   * @throws YamlException if the text is no YAML or wrong
   */
  public static <T> Decoded<T> decodeAll(
      String content, Path folder, UnaryOperator<String> expansion, YamlDecoder<T> decoder) {
    YamlContext errors = new YamlContext(folder);
    T decoded;
    try {
      Node node = parse(content).map(root -> Expansion.of(root, expansion)).orElse(null);
      decoded = decoder.decode(new YamlValue(node, errors));
    } catch (YamlException.Collected e) {
      throw errors.toException();
    }
    if (!errors.isEmpty()) {
      throw errors.toException();
    }
    return new Decoded<>(decoded, errors.laterMessages());
  }

  private static Optional<Node> parse(String content) {
    LoadSettings settings =
        LoadSettings.builder()
            .setSchema(new GoYamlSchema())
            .setAllowNonScalarKeys(true)
            .setAllowRecursiveKeys(false)
            .setCodePointLimit(Integer.MAX_VALUE)
            .build();
    try {
      Iterator<Node> documents = new Compose(settings).composeAllFromString(content).iterator();
      return documents.hasNext() ? Optional.of(documents.next()) : Optional.empty();
    } catch (ReaderException e) {
      throw new YamlException("yaml: control characters are not allowed", e);
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      String line = mark.map(m -> "line " + (m.getLine() + 1) + ": ").orElse("");
      throw new YamlException("yaml: " + line + problem(e), e);
    } catch (YamlEngineException e) {
      throw new YamlException("yaml: " + e.getMessage(), e);
    }
  }

  /** The parser's complaint in the words of libyaml, which users know and can search for. */
  private static String problem(MarkedYamlEngineException e) {
    String problem = String.valueOf(e.getProblem());
    String context = String.valueOf(e.getContext());
    if (problem.startsWith("expected <block end>")) {
      return context.contains("collection") || context.contains("sequence")
          ? "did not find expected '-' indicator"
          : "did not find expected key";
    }
    if (problem.startsWith("expected ',' or ']'")) {
      return "did not find expected ',' or ']'";
    }
    if (problem.startsWith("expected ',' or '}'")) {
      return "did not find expected ',' or '}'";
    }
    if (problem.startsWith("mapping values are not allowed")) {
      return "mapping values are not allowed in this context";
    }
    if (problem.startsWith("sequence entries are not allowed")) {
      return "block sequence entries are not allowed in this context";
    }
    if (problem.contains("TAB") || problem.contains("'\\t'")) {
      return "found a tab character that violates indentation";
    }
    if (problem.contains("cannot start any token")) {
      return "found character that cannot start any token";
    }
    if (problem.startsWith("found unknown escape character")) {
      return "found unknown escape character";
    }
    if (problem.startsWith("found undefined alias")) {
      return "unknown anchor '"
          + problem.substring("found undefined alias".length()).trim()
          + "' referenced";
    }
    return problem;
  }
}
