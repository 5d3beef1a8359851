package io.narthex.net.scrape;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Undoes gzip (RFC 1952), fed piece by piece, into a {@link Body}. Reusable; one body at a time.
 * The memory of zlib is kept, so it is to be pooled and closed.
 */
final class Gunzip implements AutoCloseable {

  private enum State {
    HEADER,
    DATA,
    TRAILER
  }

  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int HEADER_CHECKSUM = 2;
  private static final int MOST_HEADER = 64 * 1024;

  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private State state = State.HEADER;
  // What has come of a header or a trailer that is not yet complete.
  private byte[] pending = new byte[64];
  private int pendingLength;
  private boolean any;

  void reset() {
    inflater.reset();
    checksum.reset();
    state = State.HEADER;
    pendingLength = 0;
    any = false;
  }

  /**
   * Takes compressed bytes.
   *
   * @param limit the most bytes the body may have
   * @throws ScrapeException if they are no gzip, or the body grows beyond its limit
   */
  void feed(byte[] b, int from, int count, Body into, long limit) throws ScrapeException {
    int at = from;
    int end = from + count;
    while (at < end) {
      at =
          switch (state) {
            case HEADER -> header(b, at, end);
            case DATA -> data(b, at, end, into, limit);
            case TRAILER -> trailer(b, at, end);
          };
    }
  }

  /** Checks that nothing is missing at the end. */
  void finish() throws ScrapeException {
    if (!any || state != State.HEADER || pendingLength > 0) {
      throw ScrapeException.protocol("unexpected EOF");
    }
  }

  private int data(byte[] b, int at, int end, Body into, long limit) throws ScrapeException {
    inflater.setInput(b, at, end - at);
    try {
      int n;
      do {
        int room = into.room();
        n = inflater.inflate(into.bytes(), into.length(), room);
        checksum.update(into.bytes(), into.length(), n);
        into.grow(n);
        if (into.length() >= limit) {
          throw Framing.tooLarge();
        }
      } while (n > 0 && !inflater.finished());
      if (inflater.needsDictionary()) {
        throw ScrapeException.protocol("flate: corrupt input: it wants a preset dictionary");
      }
    } catch (DataFormatException e) {
      throw ScrapeException.protocol("flate: corrupt input: " + e.getMessage());
    }
    if (inflater.finished()) {
      state = State.TRAILER;
      pendingLength = 0;
    }
    return end - inflater.getRemaining();
  }

  private int trailer(byte[] b, int at, int end) throws ScrapeException {
    int n = Math.min(8 - pendingLength, end - at);
    System.arraycopy(b, at, pending, pendingLength, n);
    pendingLength += n;
    if (pendingLength == 8) {
      if (littleEndian(0) != (int) checksum.getValue()
          || littleEndian(4) != (int) inflater.getBytesWritten()) {
        throw ScrapeException.protocol("gzip: invalid checksum");
      }
      inflater.reset();
      checksum.reset();
      pendingLength = 0;
      state = State.HEADER;
    }
    return at + n;
  }

  private int littleEndian(int at) {
    return pending[at] & 0xff
        | (pending[at + 1] & 0xff) << 8
        | (pending[at + 2] & 0xff) << 16
        | (pending[at + 3] & 0xff) << 24;
  }

  private int header(byte[] b, int from, int end) throws ScrapeException {
    any = true;
    int at = from;
    while (at < end) {
      if (pendingLength == pending.length) {
        if (pendingLength >= MOST_HEADER) {
          throw ScrapeException.protocol("gzip: invalid header");
        }
        pending = Arrays.copyOf(pending, pendingLength * 2);
      }
      pending[pendingLength++] = b[at++];
      if (pendingLength >= 10 && isHeader()) {
        pendingLength = 0;
        state = State.DATA;
        break;
      }
    }
    return at;
  }

  /** Whether what has come is a whole header. */
  private boolean isHeader() throws ScrapeException {
    if ((pending[0] & 0xff) != 0x1f || (pending[1] & 0xff) != 0x8b || pending[2] != 8) {
      throw ScrapeException.protocol("gzip: invalid header");
    }
    int flags = pending[3];
    int at = 10;
    if ((flags & EXTRA) != 0) {
      if (pendingLength < at + 2) {
        return false;
      }
      at += 2 + (pending[at] & 0xff | (pending[at + 1] & 0xff) << 8);
    }
    if ((flags & NAME) != 0) {
      at = behindZero(at);
    }
    if ((flags & COMMENT) != 0) {
      at = behindZero(at);
    }
    if ((flags & HEADER_CHECKSUM) != 0) {
      at += 2;
    }
    return pendingLength >= at;
  }

  private int behindZero(int from) {
    int at = from;
    while (at < pendingLength && pending[at] != 0) {
      at++;
    }
    return at + 1;
  }

  @Override
  public void close() {
    inflater.end();
  }
}
