package io.narthex.tsdb.index;

import io.narthex.model.labels.Matcher;
import java.util.ArrayList;
import java.util.List;
import org.roaringbitmap.RoaringBitmap;

/**
 * Finds the series that satisfy matchers, as Prometheus does: a matcher that the empty value does
 * not satisfy adds up the series of the values that do; one that the empty value satisfies takes
 * away the series of the values that do not. So series that lack the label stay.
 */
public final class PostingsSelection {

  private PostingsSelection() {}

  /** The series that satisfy all matchers; all series if there are none. */
  public static RoaringBitmap select(PostingsSource source, List<Matcher> matchers) {
    List<Matcher> subtracting = new ArrayList<>();
    RoaringBitmap result = null;
    for (Matcher matcher : matchers) {
      if (matcher.matchesEmpty()) {
        subtracting.add(matcher);
        continue;
      }
      RoaringBitmap found = accepted(source, matcher);
      if (result == null) {
        result = found;
      } else {
        result.and(found);
      }
      if (result.isEmpty()) {
        return result;
      }
    }
    if (result == null) {
      result = source.allSeries();
    }
    for (Matcher matcher : subtracting) {
      result.andNot(refused(source, matcher));
      if (result.isEmpty()) {
        return result;
      }
    }
    return result;
  }

  /** The series whose value satisfies a matcher, which the empty value does not. */
  private static RoaringBitmap accepted(PostingsSource source, Matcher matcher) {
    String name = matcher.name();
    return switch (matcher.type()) {
      case EQUAL -> source.series(name, matcher.value());
      // Not equal to the empty value: whatever has the label.
      case NOT_EQUAL -> source.series(name);
      case REGEX -> {
        if (matcher.value().equals(".+")) {
          yield source.series(name);
        }
        yield matching(source, matcher);
      }
      case NOT_REGEX -> source.seriesMatching(name, "", matcher::matches);
    };
  }

  /** The series whose value does not satisfy a matcher, which the empty value does. */
  private static RoaringBitmap refused(PostingsSource source, Matcher matcher) {
    String name = matcher.name();
    return switch (matcher.type()) {
      // Equal to the empty value.
      case EQUAL -> source.series(name);
      case NOT_EQUAL -> source.series(name, matcher.value());
      case REGEX -> {
        if (matcher.value().equals(".*")) {
          yield new RoaringBitmap();
        }
        if (matcher.value().isEmpty()) {
          yield source.series(name);
        }
        yield source.seriesMatching(name, "", value -> !matcher.matches(value));
      }
      case NOT_REGEX -> {
        if (matcher.value().equals(".+")) {
          yield source.series(name);
        }
        yield matching(source, matcher);
      }
    };
  }

  /** The series whose value the matcher's expression matches, however the matcher is meant. */
  private static RoaringBitmap matching(PostingsSource source, Matcher matcher) {
    RegexShape shape = RegexShape.of(matcher.value());
    List<String> literals = shape.literals();
    if (literals != null) {
      return source.series(matcher.name(), literals.stream().filter(v -> !v.isEmpty()).toList());
    }
    boolean negated = matcher.type() == Matcher.Type.NOT_REGEX;
    return source.seriesMatching(
        matcher.name(), shape.prefix(), value -> matcher.matches(value) != negated);
  }
}
