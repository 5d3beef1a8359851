package io.narthex.base.flag;

import io.narthex.base.text.DidYouMean;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The flags of one program. First each flag is declared, which gives a {@link Flag} to ask for its
 * value; then the command line is parsed once.
 */
public final class Flags {

  private final String program;
  private final String summary;
  private final Map<String, Flag<?>> flags = new LinkedHashMap<>();
  private final @Nullable Flag<Boolean> help;
  private final @Nullable Flag<Boolean> version;

  /**
   * Begins the table with {@code --help} and {@code --version}.
   *
   * @param program its name, for the help and for completion
   * @param summary what it is, in a line
   */
  public Flags(String program, String summary) {
    this.program = program;
    this.summary = summary;
    help = bool("help", false, "Show context-sensitive help.");
    version = bool("version", false, "Show application version.");
  }

  /** Begins the table of a command, without flags. */
  Flags(String program) {
    this.program = program;
    this.summary = "";
    help = null;
    version = null;
  }

  /** The flag of a name, or null. */
  @Nullable Flag<?> find(String name) {
    return flags.get(name);
  }

  /** Declares a switch: {@code --name} and {@code --no-name}. */
  public Flag<Boolean> bool(String name, boolean absent, String text) {
    return add(
        new Flag<>(
            name,
            text,
            Flag.Kind.BOOL,
            List.of(Boolean.toString(absent)),
            values -> Boolean.valueOf(values.getLast())));
  }

  /** Declares a flag with a text. */
  public Flag<String> text(String name, String absent, String text) {
    Flag<String> flag = value(name, absent, Function.identity(), text);
    flag.quoted = true;
    return flag;
  }

  /**
   * Declares a flag whose text is read.
   *
   * @param reader throws any unchecked exception whose message says what is wrong with the text
   */
  public <T> Flag<T> value(String name, String absent, Function<String, T> reader, String text) {
    return add(
        new Flag<>(
            name,
            text,
            Flag.Kind.SINGLE,
            List.of(absent),
            values -> reader.apply(values.getLast())));
  }

  /** Declares a flag that can be repeated; what is given replaces all defaults. */
  public Flag<List<String>> texts(String name, List<String> absent, String text) {
    return add(new Flag<List<String>>(name, text, Flag.Kind.REPEATED, absent, List::copyOf))
        .printed(values -> String.join(",", values));
  }

  /** Declares a flag that takes one of some texts. */
  public Flag<String> choice(String name, String absent, List<String> choices, String text) {
    return value(
        name,
        absent,
        given -> {
          if (!choices.contains(given)) {
            throw new FlagException(
                "enum value must be one of " + String.join(",", choices) + ", got '" + given + "'",
                2);
          }
          return given;
        },
        text);
  }

  private <T> Flag<T> add(Flag<T> flag) {
    if (flags.put(flag.name, flag) != null) {
      throw new IllegalArgumentException("flag declared twice: " + flag.name);
    }
    return flag;
  }

  /** What the command line asks for. */
  public enum Request {
    RUN,
    HELP,
    VERSION,
    /** Print what {@link #completionScript} returns. */
    COMPLETION_SCRIPT,
    /** Print what {@link #completions} returns. */
    COMPLETIONS
  }

  /**
   * Parses the command line.
   *
   * @throws FlagException if it is wrong
   */
  public Request parse(List<String> arguments) {
    if (arguments.contains("--completion-script-bash")) {
      return Request.COMPLETION_SCRIPT;
    }
    if (arguments.contains("--completion-bash")) {
      return Request.COMPLETIONS;
    }
    Deque<String> rest = new ArrayDeque<>(expanded(arguments));
    Request request = Request.RUN;
    while (!rest.isEmpty()) {
      String argument = rest.removeFirst();
      if (argument.equals("-h") || argument.equals("--help-long")) {
        argument = "--help";
      }
      if (argument.equals("--") && !rest.isEmpty()) {
        throw new FlagException("unexpected " + rest.getFirst(), 1);
      }
      if (argument.startsWith("--") && argument.length() > 2) {
        longFlag(argument.substring(2), rest);
      } else if (argument.startsWith("-") && argument.length() > 1 && !argument.equals("--")) {
        throw new FlagException("unknown short flag '" + argument.substring(0, 2) + "'", 1);
      } else if (!argument.equals("--")) {
        throw new FlagException("unexpected " + argument, 1);
      }
      if (help != null && help.isGiven() && help.value()) {
        request = Request.HELP;
        break;
      }
      if (version != null && version.isGiven() && version.value()) {
        request = Request.VERSION;
        break;
      }
    }
    return request;
  }

  private void longFlag(String text, Deque<String> rest) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    Flag<?> flag = flags.get(name);
    boolean negated = false;
    if (flag == null && name.startsWith("no-")) {
      flag = flags.get(name.substring(3));
      negated = flag != null && flag.kind == Flag.Kind.BOOL;
      flag = negated ? flag : null;
    }
    if (flag == null) {
      throw new FlagException("unknown long flag '--" + name + "'" + suggestion(name), 1);
    }
    if (flag.kind == Flag.Kind.BOOL) {
      if (equals >= 0) {
        throw new FlagException("unexpected " + text.substring(equals + 1), 1);
      }
      flag.give(Boolean.toString(!negated));
    } else if (equals >= 0) {
      flag.give(text.substring(equals + 1));
    } else if (rest.isEmpty()
        || (rest.getFirst().startsWith("-") && rest.getFirst().length() > 1)) {
      throw new FlagException("expected argument for flag '--" + name + "'", 1);
    } else {
      flag.give(rest.removeFirst());
    }
  }

  private String suggestion(String name) {
    String meant = DidYouMean.closest(name, flags.keySet());
    return meant.isEmpty() ? "" : " (did you mean '--" + meant + "'?)";
  }

  /** Replaces each {@code @file} by the lines of the file, comments left out. */
  static List<String> expanded(List<String> arguments) {
    List<String> all = new ArrayList<>();
    for (String argument : arguments) {
      if (!argument.startsWith("@") || argument.length() == 1) {
        all.add(argument);
        continue;
      }
      String file = argument.substring(1);
      try {
        Files.readString(Path.of(file))
            .lines()
            .filter(line -> !line.startsWith("#"))
            .forEach(all::add);
      } catch (IOException e) {
        String reason =
            e instanceof NoSuchFileException
                ? "no such file or directory"
                : String.valueOf(e.getMessage());
        throw new FlagException(
            "failed to open arguments file \"" + file + "\": open " + file + ": " + reason, 1);
      }
    }
    return all;
  }

  /** All flags, hidden ones too, with their values as text. */
  public Map<String, String> values() {
    Map<String, String> values = new TreeMap<>();
    flags.forEach((name, flag) -> {
      if (flag != help && flag != version) {
        values.put(name, flag.text());
      }
    });
    return values;
  }

  /** All flags in the order of their declaration. */
  public List<Flag<?>> all() {
    return List.copyOf(flags.values());
  }

  /** The help, for lines of this width. */
  public String help(int width) {
    return FlagHelp.print(program, summary, all(), width);
  }

  /** A script for bash to be sourced, which asks the program itself what completes a word. */
  public String completionScript() {
    String function = "_" + program.replaceAll("[^A-Za-z0-9]", "_") + "_bash_autocomplete";
    return """

    FUNCTION() {
        local cur prev opts base
        COMPREPLY=()
        cur="${COMP_WORDS[COMP_CWORD]}"
        opts=$( ${COMP_WORDS[0]} --completion-bash "${COMP_WORDS[@]:1:$COMP_CWORD}" )
        COMPREPLY=( $(compgen -W "${opts}" -- ${cur}) )
        return 0
    }
    complete -F FUNCTION -o default PROGRAM

    """
        .replace("FUNCTION", function)
        .replace("PROGRAM", program);
  }

  /** The words that the script offers, one to a line. */
  public String completions() {
    return flags.values().stream()
        .filter(flag -> !flag.hidden)
        .map(flag ->
            flag.kind == Flag.Kind.BOOL && !flag.value().equals(false)
                ? "--no-" + flag.name
                : "--" + flag.name)
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
