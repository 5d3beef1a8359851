package io.narthex.base.flag;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One flag and, once the command line is parsed, its value. Not thread-safe while it is parsed.
 *
 * @param <T> what its text is read as
 */
public final class Flag<T> {

  final String name;
  final String help;
  final Kind kind;
  final List<String> defaults;
  private final Function<List<String>, T> reader;
  private Function<T, String> printer = String::valueOf;
  boolean hidden;
  boolean quoted;
  String placeholder = "";
  char letter;

  private List<String> given = new ArrayList<>();
  private @Nullable T value;

  enum Kind {
    BOOL,
    SINGLE,
    REPEATED
  }

  Flag(
      String name,
      String help,
      Kind kind,
      List<String> defaults,
      Function<List<String>, T> reader) {
    this.name = name;
    this.help = help;
    this.kind = kind;
    this.defaults = List.copyOf(defaults);
    this.reader = reader;
  }

  /** The name without dashes. */
  public String name() {
    return name;
  }

  /** What it is for. */
  public String help() {
    return help;
  }

  /** Leaves the flag out of the help. */
  public Flag<T> hidden() {
    hidden = true;
    return this;
  }

  /** Gives the flag a short name, as {@code -r}. */
  public Flag<T> letter(char name) {
    letter = name;
    return this;
  }

  /** What the help shows in place of a value, as {@code <URL>}. */
  public Flag<T> placeholder(String text) {
    placeholder = text;
    return this;
  }

  /** How the value is printed on the status page, if not by its {@code toString}. */
  public Flag<T> printed(Function<T, String> print) {
    printer = print;
    return this;
  }

  /** The value: given, or the default. */
  public T value() {
    if (value == null) {
      value = read(defaults);
    }
    return value;
  }

  /** Whether the command line has the flag. */
  public boolean isGiven() {
    return !given.isEmpty();
  }

  /** Whether the value is another one than the default. */
  public boolean isChanged() {
    return isGiven() && !given.equals(defaults);
  }

  /** Puts a value in place of the default, where it follows from other flags. */
  public void assume(T other) {
    value = other;
  }

  /** The value as the status page shows it. */
  public String text() {
    return printer.apply(value());
  }

  void give(String text) {
    if (kind == Kind.SINGLE && !given.isEmpty()) {
      throw new FlagException("flag '" + name + "' cannot be repeated", 2);
    }
    if (kind == Kind.BOOL) {
      given = new ArrayList<>();
    }
    given.add(text);
    value = read(given);
  }

  private T read(List<String> texts) {
    try {
      return reader.apply(texts);
    } catch (FlagException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new FlagException(String.valueOf(e.getMessage()), 2);
    }
  }
}
