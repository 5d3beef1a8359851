package io.narthex.base.hash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * A 128-bit hash of a range of bytes, keyed with random numbers of this process: two lanes of
 * folded 64x64-bit multiplications (the mixing step of wyhash), each with its own secrets, over the
 * bytes, their number and the context that decides what the bytes mean.
 *
 * <p>It stands for the bytes themselves: a line of a scraped page, the labels of a series that is
 * written remotely. Two of them with one hash would be one series, and nothing would notice. Over n
 * different ones together the chance is about n²/2¹²⁹: for a hundred million, 10⁻²³. A sender that
 * wants such a pair on purpose would have to know the key, which never leaves the process.
 *
 * <p>Not thread-safe: the result lies in the object, so that nothing is allocated.
 */
public final class KeyedHash {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  // Constants, so that the compiled code holds them as immediate values.
  private static final long HIGH_SEED;
  private static final long HIGH_KEY;
  private static final long HIGH_END;
  private static final long LOW_SEED;
  private static final long LOW_KEY;
  private static final long LOW_END;

  static {
    SecureRandom random = new SecureRandom();
    HIGH_SEED = random.nextLong();
    HIGH_KEY = random.nextLong();
    HIGH_END = random.nextLong();
    LOW_SEED = random.nextLong();
    LOW_KEY = random.nextLong();
    LOW_END = random.nextLong();
  }

  private long high;
  private long low;
  private int length;

  /**
   * Hashes a range of bytes.
   *
   * @param context what besides the bytes decides their meaning; equal bytes in another context do
   *     not mean the same
   */
  public void hash(byte[] b, int from, int to, int context) {
    this.length = to - from;
    long length = to - from;
    long a = HIGH_SEED ^ length;
    long c = LOW_SEED ^ Long.rotateLeft(length, 32);
    long x;
    long y;
    if (length >= 16) {
      int i = from;
      for (int last = to - 16; i < last; i += 16) {
        x = (long) LONG.get(b, i);
        y = (long) LONG.get(b, i + 8);
        a = mix(x ^ HIGH_KEY, y ^ a);
        c = mix(x ^ LOW_KEY, y ^ c);
      }
      // The last 16 bytes, some of which may have been mixed in before.
      x = (long) LONG.get(b, to - 16);
      y = (long) LONG.get(b, to - 8);
    } else if (length >= 8) {
      x = (long) LONG.get(b, from);
      y = (long) LONG.get(b, to - 8);
    } else if (length >= 4) {
      x = (int) INT.get(b, from) & 0xffffffffL;
      y = (int) INT.get(b, to - 4) & 0xffffffffL;
    } else {
      x = length > 0 ? b[from] & 0xffL | (b[from + (int) (length >> 1)] & 0xffL) << 8 : 0;
      y = length > 0 ? b[to - 1] & 0xffL : 0;
    }
    a = mix(x ^ HIGH_KEY, y ^ a);
    c = mix(x ^ LOW_KEY, y ^ c);
    long end = length << 32 | (context & 0xffffffffL);
    high = mix(a ^ HIGH_END, end ^ LOW_END ^ a >>> 29);
    low = mix(c ^ LOW_END, end ^ HIGH_END ^ c >>> 31);
  }

  private static long mix(long x, long y) {
    return x * y ^ Math.unsignedMultiplyHigh(x, y);
  }

  /** The number of bytes that were hashed last. */
  public int length() {
    return length;
  }

  /** One half of the last hash. */
  public long high() {
    return high;
  }

  /** The other half of the last hash. */
  public long low() {
    return low;
  }
}
