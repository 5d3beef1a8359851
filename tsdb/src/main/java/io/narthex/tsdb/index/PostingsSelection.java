package io.narthex.tsdb.index;

import io.narthex.model.labels.Matcher;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.roaringbitmap.RoaringBitmap;

/**
 * Finds the series that satisfy matchers, as Prometheus does: a matcher that the empty value does
 * not satisfy adds up the series of the values that do; one that the empty value satisfies takes
 * away the series of the values that do not. So series that lack the label stay.
 */
public final class PostingsSelection {

  private PostingsSelection() {}

  /** A set that is this much smaller than all series is asked rather than intersected. */
  private static final int SMALL = 8;

  /** The series that satisfy all matchers; all series if there are none. */
  public static RoaringBitmap select(PostingsSource source, List<Matcher> matchers) {
    // Exact values first, the rarest in front: what follows then has few series left to look at.
    List<Matcher> exact = new ArrayList<>();
    List<Matcher> adding = new ArrayList<>();
    List<Matcher> subtracting = new ArrayList<>();
    for (Matcher matcher : matchers) {
      if (matcher.matchesEmpty()) {
        subtracting.add(matcher);
      } else if (matcher.type() == Matcher.Type.EQUAL) {
        exact.add(matcher);
      } else {
        adding.add(matcher);
      }
    }
    if (exact.size() > 1) {
      exact.sort(Comparator.comparingLong(m -> source.count(m.name(), m.value())));
    }
    RoaringBitmap result = null;
    for (Matcher matcher : exact) {
      if (result == null) {
        result = source.series(matcher.name(), matcher.value());
      } else {
        source.retain(result, matcher.name(), matcher.value());
      }
      if (result.isEmpty()) {
        return result;
      }
    }
    for (Matcher matcher : adding) {
      if (result == null) {
        result = accepted(source, matcher);
      } else if (isSmall(source, result)) {
        source.filter(result, matcher.name(), matcher::matches);
      } else {
        result.and(accepted(source, matcher));
      }
      if (result.isEmpty()) {
        return result;
      }
    }
    if (result == null) {
      result = source.allSeries();
    }
    for (Matcher matcher : subtracting) {
      if (isSmall(source, result)) {
        source.filter(result, matcher.name(), matcher::matches);
      } else {
        result.andNot(refused(source, matcher));
      }
      if (result.isEmpty()) {
        return result;
      }
    }
    return result;
  }

  private static boolean isSmall(PostingsSource source, RoaringBitmap series) {
    return series.getLongCardinality() * SMALL < source.count("", "");
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
    int[] turn = new int[1];
    return source.seriesMatching(
        matcher.name(),
        shape.prefix(),
        value -> {
          StopSignal.every(++turn[0]);
          return matcher.matches(value) != negated;
        });
  }
}
