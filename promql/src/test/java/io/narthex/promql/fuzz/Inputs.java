package io.narthex.promql.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Inputs as texts, and how long one may take. */
final class Inputs {

  /** Longer inputs show nothing new, only slower. What is long on purpose has tests of its own. */
  private static final int LONGEST = 4_096;

  /** Far more than any such input needs, even on a busy machine and with code that counts. */
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

  private static long count;
  private static long slowest;

  private Inputs() {}

  /** What is done with an input. */
  interface Work {
    void on(String text);
  }

  static void run(byte[] data, Work work) {
    if (data.length > LONGEST) {
      return;
    }
    String text = text(data);
    long start = System.nanoTime();
    work.on(text);
    long taken = System.nanoTime() - start;
    count++;
    slowest = Math.max(slowest, taken);
    if (taken > PATIENCE) {
      throw new AssertionError("it took " + taken / 1_000_000 + " ms: " + text);
    }
  }

  static void report(String what) {
    System.out.printf(
        "> fuzz %s: %d inputs, the slowest %d ms%n", what, count, slowest / 1_000_000);
    count = 0;
    slowest = 0;
  }

  /** Bytes that are not UTF-8 become what they are to the parser: unpaired surrogates. */
  private static String text(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    if (text.indexOf('\ufffd') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    for (byte b : data) {
      out.append(b >= 0 ? (char) b : (char) (0xdc00 + (b & 0xff)));
    }
    return out.toString();
  }
}
