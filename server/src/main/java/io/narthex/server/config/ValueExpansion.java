package io.narthex.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Fills variables and files into values: <code>${env:NAME}</code> becomes the environment variable,
 * <code>${file:PATH}</code> the content of the file without the line break at its end; a relative
 * path is read against the folder of the configuration file. <code>$${</code> is a literal <code>${
 * </code> before {@code env:} and {@code file:}. Everything else stays as it is, so that the
 * dollars of relabelling and templates need no care. What is not there is an error: a password must
 * not become the empty text in silence.
 */
final class ValueExpansion implements UnaryOperator<String> {

  private static final String ENVIRONMENT = "${env:";
  private static final String FILE = "${file:";

  private final Path folder;
  private final UnaryOperator<@Nullable String> environment;
  private final Set<Path> files = new LinkedHashSet<>();

  /**
   * Makes an expansion for one file.
   *
   * @param environment the value of a variable, null where it is not set
   */
  ValueExpansion(Path folder, UnaryOperator<@Nullable String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  /** The files that were read. */
  Set<Path> files() {
    return files;
  }

  /**
   * Expands a value.
   *
   * @throws IllegalArgumentException if a variable or file is not there
   */
  @Override
  public String apply(String text) {
    int at = text.indexOf("${");
    if (at < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.substring(0, at));
    while (at < text.length()) {
      boolean variable = text.startsWith(ENVIRONMENT, at);
      if (!variable && !text.startsWith(FILE, at)) {
        out.append(text.charAt(at++));
        continue;
      }
      if (at > 0 && text.charAt(at - 1) == '$') {
        // The dollar before it says that this one is meant literally.
        out.append("{");
        at += 2;
        continue;
      }
      int close = text.indexOf('}', at);
      if (close < 0) {
        throw new IllegalArgumentException("no closing brace behind " + text.substring(at));
      }
      int from = at + (variable ? ENVIRONMENT : FILE).length();
      String name = text.substring(from, close);
      out.append(variable ? variable(name) : file(name));
      at = close + 1;
    }
    return out.toString();
  }

  private String variable(String name) {
    String value = environment.apply(name);
    if (value == null) {
      throw new IllegalArgumentException("environment variable " + name + " is not set");
    }
    return value;
  }

  private String file(String name) {
    Path path = folder.resolve(name);
    files.add(path);
    try {
      String content = Files.readString(path);
      int end = content.length();
      if (end > 0 && content.charAt(end - 1) == '\n') {
        end--;
      }
      if (end > 0 && content.charAt(end - 1) == '\r') {
        end--;
      }
      return content.substring(0, end);
    } catch (IOException e) {
      throw new IllegalArgumentException("the file " + path + " cannot be read", e);
    }
  }
}
