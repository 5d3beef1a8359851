package io.narthex.api.v1;

import io.narthex.base.text.GoQuote;
import io.narthex.net.http.Parameters;
import java.util.List;

/** The parameter {@code limit}. */
final class Limits {

  private static final List<String> TRUNCATED = List.of("results truncated due to limit");

  private Limits() {}

  /** The most entries that the client wants; 0 for all. */
  static int of(Parameters form) throws ApiException {
    String text = form.first("limit");
    if (text.isEmpty()) {
      return 0;
    }
    int limit;
    try {
      limit = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw ApiException.invalid("limit", atoi(text));
    }
    if (limit < 0) {
      throw ApiException.invalid("limit", "limit must be non-negative");
    }
    return limit;
  }

  private static String atoi(String text) {
    String digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    boolean number = !digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return "strconv.Atoi: parsing "
        + GoQuote.quote(text)
        + (number ? ": value out of range" : ": invalid syntax");
  }

  /** The limit to hand to a storage, so that it is seen whether there was more. */
  static int hint(int limit) {
    return limit == 0 || limit == Integer.MAX_VALUE ? 0 : limit + 1;
  }

  /** What to warn of. */
  static List<String> warnings(int limit, int found) {
    return limit > 0 && found > limit ? TRUNCATED : List.of();
  }

  /** The entries within the limit. */
  static <T> List<T> cut(int limit, List<T> all) {
    return limit > 0 && all.size() > limit ? all.subList(0, limit) : all;
  }
}
