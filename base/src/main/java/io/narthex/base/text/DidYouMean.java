package io.narthex.base.text;

import java.util.Collection;
import java.util.Locale;

/** Finds the name that a user most likely meant. */
public final class DidYouMean {

  private DidYouMean() {}

  /**
   * The suggestion to append to an error, with its leading blank, as in {@code (did you mean
   * "scrape_interval"?)}; empty where nothing known comes close.
   */
  public static String suffix(String name, Collection<String> known) {
    String best = closest(name, known);
    return best.isEmpty() ? "" : " (did you mean \"" + best + "\"?)";
  }

  /** The known name closest to the given one, or the empty text where none comes close. */
  public static String closest(String name, Collection<String> known) {
    String best = "";
    int bestDistance = Math.max(1, name.length() / 3) + 1;
    for (String candidate : known) {
      int distance = distance(fold(name), fold(candidate));
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best;
  }

  private static String fold(String name) {
    return name.toLowerCase(Locale.ROOT).replace('-', '_').replace('.', '_');
  }

  /** Edits that turn one text into the other: insert, delete, replace, swap two neighbours. */
  private static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, Math.min(last[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] spare = beforeLast;
      beforeLast = last;
      last = row;
      row = spare;
    }
    return last[b.length()];
  }
}
