package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.storage.StorageException;

/** How a chunk's samples are written, with the number that Prometheus' files have for it. */
public enum ChunkEncoding {
  /** Floats. */
  XOR(1, "XOR"),
  /** Native histograms with whole counts. */
  HISTOGRAM(2, "histogram"),
  /** Native histograms with float counts. */
  FLOAT_HISTOGRAM(3, "floathistogram"),
  /** Floats with start timestamps. */
  XOR2(4, "XOR2"),
  /** Native histograms with whole counts and start timestamps. */
  HISTOGRAM_ST(5, "histogramST"),
  /** Native histograms with float counts and start timestamps. */
  FLOAT_HISTOGRAM_ST(6, "floathistogramST");

  private static final ChunkEncoding[] ALL = values();

  private final int code;
  private final String text;

  ChunkEncoding(int code, String text) {
    this.code = code;
    this.text = text;
  }

  /** Whether there is an encoding of this number. */
  public static boolean isKnown(int code) {
    return code >= 1 && code <= ALL.length;
  }

  /**
   * The encoding of a number.
   *
   * @throws StorageException if there is none
   */
  public static ChunkEncoding of(int code) {
    if (!isKnown(code)) {
      throw new StorageException("invalid chunk encoding " + code);
    }
    return ALL[code - 1];
  }

  /** The encoding's number in files. */
  public int code() {
    return code;
  }

  /** The encoding's name as Prometheus writes it. */
  public String text() {
    return text;
  }

  /** Whether the samples are histograms. */
  public boolean histograms() {
    return switch (this) {
      case HISTOGRAM, FLOAT_HISTOGRAM, HISTOGRAM_ST, FLOAT_HISTOGRAM_ST -> true;
      case XOR, XOR2 -> false;
    };
  }

  /** Whether the samples are histograms with float counts. */
  public boolean floatCounts() {
    return switch (this) {
      case FLOAT_HISTOGRAM, FLOAT_HISTOGRAM_ST -> true;
      case XOR, HISTOGRAM, XOR2, HISTOGRAM_ST -> false;
    };
  }

  /** Whether a chunk can hold when the counting of its samples began. */
  public boolean startTimestamps() {
    return switch (this) {
      case XOR2, HISTOGRAM_ST, FLOAT_HISTOGRAM_ST -> true;
      case XOR, HISTOGRAM, FLOAT_HISTOGRAM -> false;
    };
  }

  /** The most samples that a chunk's count can tell. */
  public int maxSamples() {
    return switch (this) {
      case HISTOGRAM_ST, FLOAT_HISTOGRAM_ST -> 0x3fff;
      case XOR, HISTOGRAM, FLOAT_HISTOGRAM, XOR2 -> 0xffff;
    };
  }

  /** The bytes of a chunk before its bits: the count, and what else there is of each chunk. */
  int headerBytes() {
    return switch (this) {
      case XOR -> 2;
      case HISTOGRAM, FLOAT_HISTOGRAM, XOR2, HISTOGRAM_ST, FLOAT_HISTOGRAM_ST -> 3;
    };
  }

  /** The number of samples of a chunk that begins at an offset; two bytes of it are read. */
  public int count(byte[] chunk, int from) {
    return ((chunk[from] & 0xff) << 8 | (chunk[from + 1] & 0xff)) & maxSamples();
  }

  /**
   * What a histogram chunk's header says of its first sample, {@link ResetHint#UNKNOWN} for floats;
   * three bytes of it are read.
   */
  public ResetHint header(byte[] chunk, int from) {
    int flags =
        switch (this) {
          case HISTOGRAM, FLOAT_HISTOGRAM -> chunk[from + 2];
          case HISTOGRAM_ST, FLOAT_HISTOGRAM_ST -> chunk[from];
          case XOR, XOR2 -> 0;
        };
    return switch (flags >>> 6 & 3) {
      case 1 -> ResetHint.NO_RESET;
      case 2 -> ResetHint.RESET;
      case 3 -> ResetHint.GAUGE;
      default -> ResetHint.UNKNOWN;
    };
  }

  /** The two bits of a header. */
  static int headerBits(ResetHint hint) {
    return switch (hint) {
      case UNKNOWN -> 0;
      case NO_RESET -> 1;
      case RESET -> 2;
      case GAUGE -> 3;
    };
  }
}
