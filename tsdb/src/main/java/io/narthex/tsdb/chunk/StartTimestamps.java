package io.narthex.tsdb.chunk;

/**
 * The start timestamps of a chunk, which follow each sample's other bits.
 *
 * <pre>
 *   header byte: known 1 bit | changes on 7 bits
 *
 *   sample 0               t0 - st0 varint                if known; else st0 is 0
 *   before "changes on"    nothing: the one before still holds
 *   at "changes on"        t of the sample before - st    signed varbit
 *   behind it              the change of that difference  signed varbit
 * </pre>
 *
 * A "changes on" of 0 says that none follows. Seven bits tell up to sample 127, so there the
 * differences begin even if nothing has changed. The format is that of Prometheus 3.14's {@code
 * tsdb/chunkenc/st.go}, and the same in {@code xor2.go}.
 */
final class StartTimestamps {

  private static final int KNOWN = 0x80;
  private static final int LAST_CHANGE = 0x7f;

  private boolean known;
  private int changesOn;
  private long start;
  private long difference;

  /** Begins with a chunk that is to be written. */
  void reset() {
    header(0);
  }

  /** Begins with a chunk that is to be read. */
  void header(int header) {
    known = (header & KNOWN) != 0;
    changesOn = header & LAST_CHANGE;
    start = 0;
    difference = 0;
  }

  int header() {
    return (known ? KNOWN : 0) | changesOn;
  }

  /** The one of the sample that was written or read last; 0 for unknown. */
  long start() {
    return start;
  }

  /**
   * Writes that of a sample.
   *
   * @param number the sample's, from 0
   * @param previousTime the time of the sample before, if there is one
   */
  void write(BitWriter out, int number, long time, long previousTime, long value) {
    if (number == 0) {
      if (value != 0) {
        known = true;
        out.varint(time - value);
      }
    } else if (changesOn > 0) {
      long now = previousTime - value;
      out.signedVarbit(now - difference);
      difference = now;
    } else if (value != start || number == LAST_CHANGE) {
      changesOn = number;
      difference = previousTime - value;
      out.signedVarbit(difference);
    }
    start = value;
  }

  /** Reads that of a sample. */
  void read(BitReader in, int number, long time, long previousTime) {
    if (number == 0) {
      if (known) {
        start = time - in.varint();
      }
    } else if (changesOn > 0 && number >= changesOn) {
      long coded = in.signedVarbit();
      difference = number == changesOn ? coded : difference + coded;
      start = previousTime - difference;
    }
  }
}
