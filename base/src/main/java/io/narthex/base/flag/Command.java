package io.narthex.base.flag;

import io.narthex.base.text.DidYouMean;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A command of a program that has several, as {@code promtool tsdb list}: a word, flags, and either
 * commands below it or arguments. The program itself is the command at the root. Flags of a command
 * hold for those below it, and may stand anywhere behind its word.
 */
public final class Command {

  /**
   * What a command line says.
   *
   * @param request whether to run the command or to tell something of it
   * @param command the one that was chosen
   */
  public record Choice(Flags.Request request, Command command) {}

  private record Argument(Flag<?> value, boolean required) {
    boolean repeated() {
      return value.kind == Flag.Kind.REPEATED;
    }

    String usage() {
      String one = "<" + value.name + ">" + (repeated() ? "..." : "");
      return required ? one : "[" + one + "]";
    }
  }

  private final @Nullable Command parent;
  private final String word;
  private final String summary;
  private final Flags flags;
  private final Map<String, Command> commands = new LinkedHashMap<>();
  private final Map<String, String> later = new LinkedHashMap<>();
  private final List<Argument> arguments = new ArrayList<>();

  private Command(@Nullable Command parent, String word, String summary, Flags flags) {
    this.parent = parent;
    this.word = word;
    this.summary = summary;
    this.flags = flags;
  }

  /** Begins with a program, which has the flags {@code --help} and {@code --version}. */
  public static Command program(String name, String summary) {
    return new Command(null, name, summary, new Flags(name, summary));
  }

  /** Declares a command below this one. */
  public Command command(String name, String text) {
    Command command = new Command(this, name, text, new Flags(name));
    if (commands.put(name, command) != null) {
      throw new IllegalArgumentException("command declared twice: " + name);
    }
    return command;
  }

  /** Names a command that is still to come; using it is an error that says so. */
  public void later(String name, String reason) {
    later.put(name, reason);
  }

  /** The flags of this command, to declare more. */
  public Flags flags() {
    return flags;
  }

  /** The words that lead here, without the program's name; empty for the program. */
  public String path() {
    return parent == null ? "" : (parent.path() + " " + word).strip();
  }

  /** Declares an argument that may be left out. */
  public Flag<String> argument(String name, String absent, String text) {
    return argument(name, absent, text, false);
  }

  /** Declares an argument that must be there. */
  public Flag<String> requiredArgument(String name, String text) {
    return argument(name, "", text, true);
  }

  /** Declares the last argument, which must be there and may be there many times. */
  public Flag<List<String>> requiredArguments(String name, String text) {
    Flag<List<String>> values =
        new Flag<>(name, text, Flag.Kind.REPEATED, List.of(), List::copyOf);
    arguments.add(new Argument(values, true));
    return values;
  }

  /** Declares the last argument, which may be left out and may be there many times. */
  public Flag<List<String>> arguments(String name, String text) {
    Flag<List<String>> values =
        new Flag<>(name, text, Flag.Kind.REPEATED, List.of(), List::copyOf);
    arguments.add(new Argument(values, false));
    return values;
  }

  private Flag<String> argument(String name, String absent, String text, boolean must) {
    Flag<String> value =
        new Flag<>(name, text, Flag.Kind.SINGLE, List.of(absent), values -> values.getLast());
    arguments.add(new Argument(value, must));
    return value;
  }

  /**
   * Parses a command line, at the program.
   *
   * @throws FlagException if it is wrong
   */
  public Choice parse(List<String> line) {
    if (line.contains("--completion-script-bash")) {
      return new Choice(Flags.Request.COMPLETION_SCRIPT, this);
    }
    if (line.contains("--completion-bash")) {
      return new Choice(Flags.Request.COMPLETIONS, reached(line));
    }
    return new Parsing(this, Flags.expanded(line)).run();
  }

  /** The command that the words of an unfinished line lead to. */
  private Command reached(List<String> line) {
    Command at = this;
    for (String each : line) {
      Command next = at.commands.get(each);
      at = next == null ? at : next;
    }
    return at;
  }

  /** One reading of a command line. */
  private static final class Parsing {
    private Command at;
    private final Deque<String> rest;
    private int arguments;
    private boolean onlyArguments;

    Parsing(Command root, List<String> line) {
      at = root;
      rest = new ArrayDeque<>(line);
    }

    Choice run() {
      boolean any = !rest.isEmpty();
      while (!rest.isEmpty()) {
        String word = rest.removeFirst();
        if (!onlyArguments && word.equals("--")) {
          onlyArguments = true;
        } else if (!onlyArguments && word.equals("--help-long")) {
          return new Choice(Flags.Request.HELP, at);
        } else if (!onlyArguments && word.startsWith("--")) {
          longFlag(word.substring(2));
        } else if (!onlyArguments && word.startsWith("-") && word.length() > 1) {
          letters(word.substring(1));
        } else if (at.parent == null && word.equals("help") && !at.commands.isEmpty()) {
          return help();
        } else {
          word(word);
        }
        if (isSet("help")) {
          return new Choice(Flags.Request.HELP, at);
        }
        if (isSet("version")) {
          return new Choice(Flags.Request.VERSION, at);
        }
      }
      if (!at.commands.isEmpty()) {
        if (!any) {
          return new Choice(Flags.Request.HELP, at);
        }
        throw wrong(
            at.parent == null
                ? "command not specified"
                : "must select a subcommand of '" + at.path() + "'");
      }
      complete();
      return new Choice(Flags.Request.RUN, at);
    }

    private Choice help() {
      while (!rest.isEmpty()) {
        word(rest.removeFirst());
      }
      return new Choice(Flags.Request.HELP, at);
    }

    private void word(String word) {
      if (!at.commands.isEmpty()) {
        Command next = at.commands.get(word);
        if (next == null) {
          String reason = at.later.get(word);
          throw wrong(
              reason != null
                  ? reason
                  : "expected command but got \""
                      + word
                      + "\""
                      + DidYouMean.suffix(word, at.commands.keySet()));
        }
        at = next;
      } else if (arguments < at.arguments.size()) {
        Argument argument = at.arguments.get(arguments);
        argument.value.give(word);
        arguments += argument.repeated() ? 0 : 1;
      } else {
        throw wrong("unexpected " + word);
      }
    }

    private boolean isSet(String name) {
      Flag<?> flag = find(name);
      return flag != null && flag.isGiven() && flag.value().equals(true);
    }

    private @Nullable Flag<?> find(String name) {
      for (Command c = at; c != null; c = c.parent) {
        Flag<?> flag = c.flags.find(name);
        if (flag != null) {
          return flag;
        }
      }
      return null;
    }

    private void longFlag(String text) {
      int equals = text.indexOf('=');
      String name = equals < 0 ? text : text.substring(0, equals);
      Flag<?> flag = find(name);
      boolean negated = false;
      if (flag == null && name.startsWith("no-")) {
        flag = find(name.substring(3));
        negated = flag != null;
        flag = flag != null && flag.kind == Flag.Kind.BOOL ? flag : null;
      }
      if (flag == null) {
        List<String> known = new ArrayList<>();
        at.inForce().forEach(f -> known.add(f.name));
        String meant = DidYouMean.closest(name, known);
        throw wrong(
            "unknown long flag '--"
                + name
                + "'"
                + (meant.isEmpty() ? "" : " (did you mean '--" + meant + "'?)"));
      }
      if (flag.kind == Flag.Kind.BOOL) {
        if (equals >= 0) {
          throw wrong("unexpected " + text.substring(equals + 1));
        }
        give(flag, Boolean.toString(!negated));
      } else {
        give(flag, equals >= 0 ? text.substring(equals + 1) : valueOf("--" + name));
      }
    }

    private void letters(String text) {
      for (int i = 0; i < text.length(); i++) {
        char letter = text.charAt(i);
        Flag<?> flag = null;
        for (Flag<?> one : at.inForce()) {
          char its = one.name.equals("help") ? 'h' : one.letter;
          flag = its == letter ? one : flag;
        }
        if (flag == null) {
          throw wrong("unknown short flag '-" + letter + "'");
        }
        if (flag.kind == Flag.Kind.BOOL) {
          give(flag, "true");
        } else {
          String value = text.substring(i + 1);
          give(flag, value.isEmpty() ? valueOf("-" + letter) : value);
          return;
        }
      }
    }

    private String valueOf(String name) {
      if (rest.isEmpty() || (rest.getFirst().startsWith("-") && rest.getFirst().length() > 1)) {
        throw wrong("expected argument for flag '" + name + "'");
      }
      return rest.removeFirst();
    }

    private static void give(Flag<?> flag, String value) {
      try {
        flag.give(value);
      } catch (FlagException e) {
        throw wrong(String.valueOf(e.getMessage()));
      }
    }

    private void complete() {
      for (Argument argument : at.arguments) {
        if (argument.required && !argument.value.isGiven()) {
          throw wrong("required argument '" + argument.value.name + "' not provided");
        }
      }
    }

    private static FlagException wrong(String message) {
      return new FlagException(message, 1);
    }
  }

  /** The flags that may stand behind this command: those of the program first. */
  private List<Flag<?>> inForce() {
    List<Flag<?>> all = parent == null ? new ArrayList<>() : parent.inForce();
    all.addAll(flags.all());
    return all;
  }

  /** The help of this command, for lines of this width. */
  public String help(int width) {
    Command program = this;
    while (program.parent != null) {
      program = program.parent;
    }
    StringBuilder out = new StringBuilder("usage: ").append(program.word).append(' ');
    out.append(usage(parent == null ? "" : path())).append("\n\n");
    FlagHelp.wrapped(summary, width).forEach(line -> out.append(line).append('\n'));
    out.append("\n\nFlags:\n");
    FlagHelp.flags(out, inForce(), width);
    if (!arguments.isEmpty()) {
      out.append("Args:\n");
      List<FlagHelp.Row> rows = new ArrayList<>();
      arguments.forEach(a -> rows.add(new FlagHelp.Row(a.usage(), a.value.help)));
      FlagHelp.rows(out, rows, width);
    }
    if (!commands.isEmpty()) {
      out.append(parent == null ? "Commands:\n" : "Subcommands:\n");
      if (parent == null) {
        out.append("help [<command>...]\n    Show help.\n\n");
      }
      leaves(out, width);
      out.append('\n');
    }
    return out.toString();
  }

  private void leaves(StringBuilder out, int width) {
    for (Command command : commands.values()) {
      if (!command.commands.isEmpty()) {
        command.leaves(out, width);
        continue;
      }
      out.append(command.usage(command.path())).append('\n');
      for (String line : FlagHelp.wrapped(command.summary, width - 4)) {
        out.append("    ").append(line).append('\n');
      }
      out.append('\n');
    }
  }

  private String usage(String words) {
    StringBuilder out = new StringBuilder(words);
    if (flags.all().stream().anyMatch(flag -> !flag.hidden)) {
      out.append(" [<flags>]");
    }
    if (!commands.isEmpty()) {
      out.append(" <command> [<args> ...]");
    }
    arguments.forEach(a -> out.append(' ').append(a.usage()));
    return out.toString().strip();
  }

  /** The words that complete a line at this command, one to a line. */
  public String completions() {
    List<String> words = new ArrayList<>(commands.keySet());
    for (Flag<?> flag : inForce()) {
      if (!flag.hidden) {
        words.add("--" + flag.name);
      }
    }
    return words.stream().collect(Collectors.joining("\n", "", "\n"));
  }

  /** A script for bash to be sourced. */
  public String completionScript() {
    return flags.completionScript();
  }
}
