package io.narthex.promql.engine.core;

/**
 * A sum with Kahan's compensation in Neumaier's form ("Rundungsfehleranalyse einiger Verfahren zur
 * Summation endlicher Summen", 1974), which is what Prometheus adds with: the rounding error of
 * each addition is kept apart and added in the end. An infinite sum has no error. Not thread-safe.
 */
public final class Kahan {

  private double sum;
  private double compensation;

  /** Starts again at a value. */
  public void set(double sum, double compensation) {
    this.sum = sum;
    this.compensation = compensation;
  }

  /** Adds one value. */
  public void add(double value) {
    double total = sum + value;
    compensation = compensation(sum, value, total, compensation);
    sum = total;
  }

  /**
   * The compensation after an addition.
   *
   * @param sum the sum before
   * @param value what was added
   * @param total {@code sum + value}
   * @param compensation the compensation before
   */
  public static double compensation(double sum, double value, double total, double compensation) {
    if (Double.isInfinite(total)) {
      return 0;
    }
    return Math.abs(sum) >= Math.abs(value)
        ? compensation + ((sum - total) + value)
        : compensation + ((value - total) + sum);
  }

  /** The sum without its compensation. */
  public double sum() {
    return sum;
  }

  public double compensation() {
    return compensation;
  }

  /** The sum with its compensation. */
  public double total() {
    return sum + compensation;
  }
}
