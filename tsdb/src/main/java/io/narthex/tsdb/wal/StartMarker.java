package io.narthex.tsdb.wal;

/**
 * The start timestamp of a sample in a record of the second form (types 11 to 13): a byte that says
 * what it is, and its distance from the record's first one where it has to be spelt out.
 */
final class StartMarker {

  private static final int NONE = 0;
  private static final int AS_BEFORE = 1;
  private static final int SPELT_OUT = 2;

  private StartMarker() {}

  static void write(RecordBuffer out, long start, long before, long first) {
    if (start == 0) {
      out.u8(NONE);
    } else if (start == before) {
      out.u8(AS_BEFORE);
    } else {
      out.u8(SPELT_OUT);
      out.varint(start - first);
    }
  }

  static long read(RecordBytes in, long before, long first) throws WalFormatException {
    // Every other value is read as Prometheus reads it: a distance follows.
    return switch (in.u8()) {
      case NONE -> 0;
      case AS_BEFORE -> before;
      default -> first + in.varint();
    };
  }
}
