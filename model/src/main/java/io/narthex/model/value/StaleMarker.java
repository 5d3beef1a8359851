package io.narthex.model.value;

/**
 * The two NaNs of the field, told apart by their bits. A stale marker says that a series ended; any
 * other NaN is a value. Arithmetic destroys a stale marker, so it may only be moved and compared.
 */
public final class StaleMarker {

  /** The bits of the marker. */
  public static final long BITS = 0x7ff0000000000002L;

  /** The marker as a value; test for it with {@link #is}, never with {@code ==}. */
  public static final double VALUE = Double.longBitsToDouble(BITS);

  /** The bits that an ordinary NaN is stored with. */
  public static final long NORMAL_NAN_BITS = 0x7ff8000000000001L;

  private StaleMarker() {}

  /** Whether a value is the stale marker. */
  public static boolean is(double value) {
    return Double.doubleToRawLongBits(value) == BITS;
  }
}
