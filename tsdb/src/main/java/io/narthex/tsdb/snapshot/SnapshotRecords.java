package io.narthex.tsdb.snapshot;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.wal.HistogramCoding;
import io.narthex.tsdb.wal.RecordBuffer;
import io.narthex.tsdb.wal.RecordBytes;
import io.narthex.tsdb.wal.WalFormatException;

/** The records of series, as bytes. */
final class SnapshotRecords {

  static final int SERIES = 1;
  static final int TOMBSTONES = 2;
  static final int EXEMPLARS = 3;
  static final int TOMBSTONE_FORMAT = 1;

  // Of images alone.
  static final int ROWS = 100;
  static final int IMAGE = 101;
  static final int END = 102;
  private static final int IMAGE_FORMAT = 2;

  private enum Samples {
    FLOATS,
    HISTOGRAMS,
    FLOAT_HISTOGRAMS
  }

  private SnapshotRecords() {}

  static void writeSeries(RecordBuffer out, SnapshotSeries series) {
    out.u8(SERIES);
    out.i64(series.ref());
    out.labels(series.labels(), series.labelsFrom(), series.labelsLength());
    out.i64(0);
    if (!series.hasChunk()) {
      out.uvarint(0);
      return;
    }
    out.uvarint(1);
    out.i64(series.minTime());
    out.i64(series.maxTime());
    out.u8(series.encoding());
    out.text(series.chunk(), series.chunkFrom(), series.chunkLength());
    SpanHistogram histogram = series.lastHistogram();
    if (histogram != null) {
      HistogramCoding.write(out, histogram);
    } else {
      // Where the last four samples stood once.
      for (int i = 0; i < 7; i++) {
        out.i64(0);
      }
      out.f64(series.lastValue());
    }
  }

  /**
   * Reads a series behind its type.
   *
   * @param histogram is filled with the last histogram, if there is one
   */
  static void readSeries(RecordBytes in, SnapshotSeries into, SpanHistogram histogram)
      throws WalFormatException {
    long ref = in.i64();
    int labelsLength = in.skipLabels();
    into.series(ref, in.bytes(), in.at() - labelsLength, labelsLength);
    in.i64();
    if (in.uvarint() == 0) {
      return;
    }
    long minTime = in.i64();
    long maxTime = in.i64();
    int encoding = in.u8();
    int length = in.skipText();
    int from = in.at() - length;
    switch (samples(encoding)) {
      case FLOATS -> {
        in.skip(56);
        into.chunk(minTime, maxTime, encoding, in.bytes(), from, length, in.f64());
      }
      case HISTOGRAMS -> {
        readHistogram(in, false, histogram);
        into.chunk(minTime, maxTime, encoding, in.bytes(), from, length, histogram);
      }
      case FLOAT_HISTOGRAMS -> {
        readHistogram(in, true, histogram);
        into.chunk(minTime, maxTime, encoding, in.bytes(), from, length, histogram);
      }
    }
    if (in.more()) {
      throw new WalFormatException("unexpected " + in.left() + " bytes left in entry");
    }
  }

  private static void readHistogram(RecordBytes in, boolean floats, SpanHistogram into)
      throws WalFormatException {
    if (!HistogramCoding.read(in, floats, into)) {
      throw new WalFormatException("a histogram of an unknown schema or of contradictory buckets");
    }
  }

  static void writeImage(RecordBuffer out, long chunkPlace) {
    out.u8(IMAGE);
    out.u8(IMAGE_FORMAT);
    out.i64(chunkPlace);
  }

  static void readImage(RecordBytes in, SnapshotHandler handler) throws WalFormatException {
    int format = in.u8();
    if (format != IMAGE_FORMAT) {
      throw new WalFormatException("an image of the unknown format " + format);
    }
    handler.image(in.i64());
  }

  private static Samples samples(int encoding) throws WalFormatException {
    return switch (encoding) {
      case 1, 4 -> Samples.FLOATS;
      case 2, 5 -> Samples.HISTOGRAMS;
      case 3, 6 -> Samples.FLOAT_HISTOGRAMS;
      default -> throw new WalFormatException("invalid chunk encoding " + encoding);
    };
  }
}
