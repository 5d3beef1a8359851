package io.narthex.it;

/**
 * How long a harness runs, and how it says what it saw. {@code ./dev test} runs each short; {@code
 * ./dev prove NAME} runs one at its full length and keeps the lines that {@link #says} printed.
 */
final class Proof {

  private Proof() {}

  /** Whether this run is at full length. */
  static boolean full() {
    return System.getenv("NARTHEX_PROVE") != null;
  }

  /** One of two sizes, by the length of the run. */
  static int size(int quick, int full) {
    return full() ? full : quick;
  }

  /** Prints a figure. */
  static void says(String format, Object... values) {
    System.out.println("> " + String.format(format, values));
  }
}
