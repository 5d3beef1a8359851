package io.narthex.tsdb.chunk;

import io.narthex.base.bytes.Varint;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.StorageException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Decodes XOR chunks (drawn at {@link XorAppender}) straight into the arrays of a {@link
 * SampleBuffer}.
 *
 * <p>The bits are read through a window of 64 of them, loaded anew from the current byte: there is
 * no state between samples but the position. Runs of samples without any change (two zero bits
 * each) are counted by the leading zeros of the window and filled in one go.
 */
public final class XorDecoder {

  /** How many bytes must follow a chunk in its array; what they hold does not matter. */
  public static final int PADDING = 16;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private XorDecoder() {}

  /** The number of samples in a chunk. */
  public static int count(byte[] chunk, int from) {
    return (chunk[from] & 0xff) << 8 | (chunk[from + 1] & 0xff);
  }

  /**
   * Adds the samples of a chunk that lie in a range of time to a buffer.
   *
   * @param bytes holds the chunk, and {@link #PADDING} bytes behind it
   * @param from where the chunk begins (with its count)
   * @param length the chunk's length in bytes
   * @param minTime the first millisecond
   * @param maxTime the last millisecond, inclusive
   * @throws StorageException if the bytes are not a chunk; samples of it may be in the buffer
   */
  public static void decode(
      byte[] bytes, int from, int length, long minTime, long maxTime, SampleBuffer into) {
    if (length < 2 || from + length + PADDING > bytes.length) {
      throw broken(length);
    }
    int count = count(bytes, from);
    // From the third on a sample takes two bits at least.
    if (count > 2 + 4L * length) {
      throw broken(length);
    }
    int size = into.size();
    into.reserve(size + count);
    long[] timestamps = into.timestamps();
    double[] values = into.values();
    int end = size + count;
    // Every sample takes at least two bits, so a chunk that ends early is noticed by its position.
    long bit = (from + 2) * 8L;
    long endBit = (from + length) * 8L;
    if (count > 0) {
      bit = decodeAll(bytes, bit, endBit, timestamps, values, size, end);
    }
    if (bit > endBit) {
      throw broken(length);
    }
    into.size(trim(timestamps, values, size, end, minTime, maxTime));
  }

  private static StorageException broken(int length) {
    return new StorageException("XOR chunk of " + length + " bytes ends within its samples");
  }

  /** Moves the samples in range to the front and returns the offset behind them. */
  private static int trim(
      long[] timestamps, double[] values, int size, int end, long minTime, long maxTime) {
    while (end > size && timestamps[end - 1] > maxTime) {
      end--;
    }
    int first = size;
    while (first < end && timestamps[first] < minTime) {
      first++;
    }
    if (first > size) {
      System.arraycopy(timestamps, first, timestamps, size, end - first);
      System.arraycopy(values, first, values, size, end - first);
    }
    return size + end - first;
  }

  /** Returns the position behind the last sample, or one behind the end if the chunk is broken. */
  private static long decodeAll(
      byte[] bytes, long bit, long endBit, long[] timestamps, double[] values, int i, int end) {
    int at = (int) (bit >>> 3);
    int limit = (int) (endBit >>> 3);
    long raw = 0;
    for (int shift = 0; ; shift += 7) {
      if (at >= limit || shift > 63) {
        return endBit + 1;
      }
      int b = bytes[at++];
      raw |= (b & 0x7fL) << shift;
      if (b >= 0) {
        break;
      }
    }
    if (at + 8 > limit) {
      return endBit + 1;
    }
    long time = Varint.unzigzag(raw);
    long value = (long) LONGS.get(bytes, at);
    at += 8;
    timestamps[i] = time;
    values[i] = Double.longBitsToDouble(value);
    i++;
    if (i == end) {
      return at * 8L;
    }
    long delta = 0;
    for (int shift = 0; ; shift += 7) {
      if (at >= limit || shift > 63) {
        return endBit + 1;
      }
      int b = bytes[at++];
      delta |= (b & 0x7fL) << shift;
      if (b >= 0) {
        break;
      }
    }
    time += delta;
    bit = at * 8L;
    int leading = 0;
    int trailing = 0;
    boolean second = true;
    while (true) {
      if (bit > endBit) {
        return bit;
      }
      long window = window(bytes, bit);
      if (!second) {
        if (window >>> 62 == 0) {
          // A run of samples that repeat the step and the value.
          int run = Math.min(Long.numberOfLeadingZeros(window | 1L << 8) >>> 1, end - i);
          double repeated = Double.longBitsToDouble(value);
          for (int k = 0; k < run; k++) {
            time += delta;
            timestamps[i + k] = time;
            values[i + k] = repeated;
          }
          bit += 2L * run;
          i += run;
          if (i == end) {
            return bit;
          }
          continue;
        }
        if (window < 0) {
          int ones = Long.numberOfLeadingZeros(~window);
          switch (ones) {
            case 1 -> {
              delta += dod(window << 2 >>> 50, 14);
              bit += 16;
            }
            case 2 -> {
              delta += dod(window << 3 >>> 47, 17);
              bit += 20;
            }
            case 3 -> {
              delta += dod(window << 4 >>> 44, 20);
              bit += 24;
            }
            default -> {
              if (bit + 68 > endBit) {
                return endBit + 1;
              }
              delta += word(bytes, bit + 4);
              bit += 68;
            }
          }
          if (bit > endBit) {
            return bit;
          }
          window = window(bytes, bit);
        } else {
          bit++;
          window <<= 1;
        }
        time += delta;
      }
      second = false;
      // At least 56 bits of the window are good, of which the prefixes below take 13.
      if (window >= 0) {
        bit++;
      } else {
        if ((window & 1L << 62) != 0) {
          leading = (int) (window >>> 57) & 31;
          int length = (int) (window >>> 51) & 63;
          trailing = 64 - leading - (length == 0 ? 64 : length);
          if (trailing < 0) {
            return endBit + 1;
          }
          bit += 13;
        } else {
          bit += 2;
        }
        int length = 64 - leading - trailing;
        if (bit + length > endBit) {
          return endBit + 1;
        }
        value ^= word(bytes, bit) >>> (64 - length) << trailing;
        bit += length;
      }
      timestamps[i] = time;
      values[i] = Double.longBitsToDouble(value);
      i++;
      if (i == end) {
        return bit;
      }
    }
  }

  private static long dod(long coded, int width) {
    return coded > 1L << (width - 1) ? coded - (1L << width) : coded;
  }

  /** At least 57 bits from a position on, at the top of a word. */
  private static long window(byte[] bytes, long bit) {
    return (long) LONGS.get(bytes, (int) (bit >>> 3)) << (bit & 7);
  }

  /** All 64 bits from a position on. */
  private static long word(byte[] bytes, long bit) {
    int at = (int) (bit >>> 3);
    int shift = (int) bit & 7;
    long word = (long) LONGS.get(bytes, at);
    // With a shift of 0 the second part must vanish: 8 - 0 bits of a byte shifted out entirely.
    return word << shift | (bytes[at + 8] & 0xff) >>> (8 - shift);
  }
}
