package io.narthex.scrape.cache;

import io.narthex.base.hash.KeyedHash;
import io.narthex.model.labels.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the lines mean that are no series of their own, but say something of a metric which others
 * belong to: the buckets, the sum and the count of a classic histogram that becomes a native one,
 * and the times at which metrics were created. A metric is known by its family's name and its
 * labels, and has a number from 1.
 *
 * <p>Nothing is allocated for a line that is known. Lines and metrics are only forgotten together,
 * when most of them have not been met for a page. Not thread-safe.
 */
public final class ClassicLines {

  /** What a line says. */
  public enum Role {
    BUCKET,
    COUNT,
    SUM,
    CREATED,
    /** Nothing that matters here. */
    OTHER
  }

  private static final Role[] ROLES = Role.values();

  /** So many lines may be kept beyond those of the last page before all are forgotten. */
  private static final int SPARE = 1000;

  private final LineIndex index = new LineIndex();
  private int[] metrics = new int[0];
  private byte[] roles = new byte[0];
  private double[] bounds = new double[0];
  private final Map<Labels, Integer> numbers = new HashMap<>();
  private final List<Labels> labels = new ArrayList<>();
  private long[] created = new long[0];
  private int[] createdPage = new int[0];
  private int page;
  private int met;

  /**
   * Starts a page.
   *
   * @param series how many series the last page had
   * @return whether all was forgotten, so that numbers of metrics mean nothing any more
   */
  public boolean begin(int series) {
    boolean tooMany = index.size() > SPARE + 4 * met || labels.size() > SPARE + 4 * (met + series);
    if (tooMany) {
      clear();
    }
    index.rewind();
    page++;
    met = 0;
    return tooMany;
  }

  /** Forgets all. */
  public void clear() {
    index.clear();
    metrics = new int[0];
    roles = new byte[0];
    bounds = new double[0];
    numbers.clear();
    labels.clear();
    created = new long[0];
    createdPage = new int[0];
  }

  /** The line that followed the last one in the last page, or -1. */
  public int expected() {
    return index.expected();
  }

  /** The length of a line in bytes, or 0 if it is longer than can be remembered. */
  public int length(int line) {
    return index.length(line);
  }

  /** Whether the line has this hash. */
  public boolean is(int line, KeyedHash hash) {
    return index.is(line, hash.high(), hash.low());
  }

  /** Says that the expected line was met, instead of {@link #find}. */
  public void met(int expected) {
    index.met(expected);
    met++;
  }

  /** The number of the line with this hash, or -1 if it is unknown. */
  public int find(KeyedHash hash) {
    int line = index.find(hash.high(), hash.low());
    if (line >= 0) {
      met++;
    }
    return line;
  }

  /**
   * Adds a line that {@link #find} did not know.
   *
   * @param metric the number of the metric that it is about, or 0
   * @param bound the upper bound of a bucket
   */
  public int add(KeyedHash hash, int metric, Role role, double bound) {
    int line = index.add(hash.high(), hash.low(), hash.length());
    if (line >= metrics.length) {
      int length = Math.max(16, line + line / 3);
      metrics = Arrays.copyOf(metrics, length);
      roles = Arrays.copyOf(roles, length);
      bounds = Arrays.copyOf(bounds, length);
    }
    metrics[line] = metric;
    roles[line] = (byte) role.ordinal();
    bounds[line] = bound;
    met++;
    return line;
  }

  public int metric(int line) {
    return metrics[line];
  }

  public Role role(int line) {
    return ROLES[roles[line]];
  }

  public double bound(int line) {
    return bounds[line];
  }

  /** The number of a metric, given to it if it is new. */
  public int number(Labels metric) {
    Integer known = numbers.get(metric);
    if (known != null) {
      return known;
    }
    labels.add(metric);
    int number = labels.size();
    numbers.put(metric, number);
    if (number >= created.length) {
      created = Arrays.copyOf(created, Math.max(16, 2 * number));
      createdPage = Arrays.copyOf(createdPage, created.length);
    }
    return number;
  }

  /** The family's name and the labels of a metric. */
  public Labels labels(int metric) {
    return labels.get(metric - 1);
  }

  /** Says when a metric was created, in milliseconds since the epoch. */
  public void created(int metric, long millis) {
    created[metric] = millis;
    createdPage[metric] = page;
  }

  /** When a metric was created, as the current page says; 0 if it does not. */
  public long created(int metric) {
    return metric > 0 && createdPage[metric] == page ? created[metric] : 0;
  }
}
