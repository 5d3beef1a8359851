package io.narthex.model.duration;

import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/**
 * Sizes in bytes: numbers, fractions allowed, with the units B, KB, MB, GB, TB, PB, EB, all powers
 * of 1024 (KiB and so on mean the same), summed up, with a sign before them; or a lone 0.
 */
public final class ByteSizes {

  private static final List<String> UNITS = List.of("B", "KB", "MB", "GB", "TB", "PB", "EB");
  private static final List<String> BINARY = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");

  private ByteSizes() {}

  /**
   * Reads a size.
   *
   * @throws DurationException if the text is none; the message is Prometheus'
   */
  public static long parse(String text) {
    String rest = text;
    boolean negative = rest.startsWith("-");
    if (negative || rest.startsWith("+")) {
      rest = rest.substring(1);
    }
    if (rest.equals("0")) {
      return 0;
    }
    if (rest.isEmpty()) {
      throw new DurationException("units: invalid " + text);
    }
    long plain = plain(rest);
    if (plain >= 0) {
      return negative ? -plain : plain;
    }
    BigDecimal sum = BigDecimal.ZERO;
    int at = 0;
    while (at < rest.length()) {
      int from = at;
      while (at < rest.length() && (isDigit(rest.charAt(at)) || rest.charAt(at) == '.')) {
        at++;
      }
      BigDecimal number = number(rest.substring(from, at), text);
      from = at;
      while (at < rest.length() && !isDigit(rest.charAt(at)) && rest.charAt(at) != '.') {
        at++;
      }
      String unit = rest.substring(from, at);
      int power = power(unit);
      if (power < 0) {
        throw new DurationException("units: unknown unit " + unit + " in " + text);
      }
      sum = sum.add(number.multiply(BigDecimal.valueOf(1L << (10 * power))));
    }
    sum = sum.setScale(0, RoundingMode.DOWN);
    if (sum.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new DurationException("units: overflow parsing unit");
    }
    return negative ? -sum.longValueExact() : sum.longValueExact();
  }

  /**
   * A whole number of one unit, as nearly all sizes are, or -1: they are read at each start, and
   * the tables of {@link BigDecimal} take the JDK 20 ms.
   */
  private static long plain(String size) {
    int digits = 0;
    while (digits < size.length() && isDigit(size.charAt(digits))) {
      digits++;
    }
    int power = power(size.substring(digits));
    if (digits == 0 || digits > 9 || power < 0) {
      return -1;
    }
    long number = Long.parseLong(size, 0, digits, 10);
    return number <= Long.MAX_VALUE >> (10 * power) ? number << (10 * power) : -1;
  }

  /** Of 1024, or -1 if there is no such unit. */
  private static int power(String unit) {
    return Math.max(UNITS.indexOf(unit), BINARY.indexOf(unit));
  }

  private static BigDecimal number(String digits, String text) {
    try {
      return new BigDecimal(digits);
    } catch (NumberFormatException e) {
      throw new DurationException("units: invalid " + text);
    }
  }

  /** Decodes a value of a configuration file. */
  public static long decode(YamlValue value) {
    try {
      return parse(value.text("units.Base2Bytes"));
    } catch (DurationException e) {
      throw value.error(String.valueOf(e.getMessage()));
    }
  }

  /** Writes a size into a configuration file, unless it is zero. */
  public static void write(YamlWriter.Map out, String key, long bytes) {
    if (bytes != 0) {
      out.put(key, print(bytes));
    }
  }

  /** Prints a size as a sum of whole units, as {@code 1GiB512MiB}. */
  public static String print(long bytes) {
    if (bytes == 0) {
      return "0B";
    }
    StringBuilder out = new StringBuilder(bytes < 0 ? "-" : "");
    long rest = Math.abs(bytes);
    for (int power = BINARY.size() - 1; power >= 0; power--) {
      long number = rest >> (10 * power);
      if (number > 0) {
        out.append(number).append(BINARY.get(power));
        rest -= number << (10 * power);
      }
    }
    return out.toString();
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
