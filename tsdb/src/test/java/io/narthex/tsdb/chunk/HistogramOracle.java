package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.chunk.Samples.Sample;
import java.util.Arrays;
import java.util.List;

/**
 * Writes a histogram chunk as upstream's {@code histogram.go}, {@code float_histogram.go} and
 * {@code histogram_st.go} describe it, in differences of differences of neighbouring buckets, as a
 * text of zeros and ones. All samples must have the layout of the first.
 */
final class HistogramOracle {

  private static final int[] NO_WINDOW = {};

  private final BitText out = new BitText();
  private long[] counts = {};
  private long[] deltas = {};
  private double[] floats = {};
  private int[][] windows = {};

  private HistogramOracle() {}

  static byte[] chunk(ChunkEncoding encoding, ResetHint header, List<Sample> samples) {
    return new HistogramOracle().write(encoding, header, samples);
  }

  private byte[] write(ChunkEncoding encoding, ResetHint header, List<Sample> samples) {
    int bits =
        switch (header) {
          case UNKNOWN -> 0b00;
          case NO_RESET -> 0b01;
          case RESET -> 0b10;
          case GAUGE -> 0b11;
        };
    BitText head = new BitText();
    int changesOn = encoding.startTimestamps() ? changesOn(samples) : 0;
    boolean known = samples.getFirst().start() != 0;
    if (encoding.startTimestamps()) {
      head.number(bits, 2).number(samples.size(), 14).number(known ? 1 : 0, 1);
      head.number(changesOn, 7);
    } else {
      head.number(samples.size(), 16).number(bits, 2).number(0, 6);
    }
    out.bits(head.toString());
    for (int i = 0; i < samples.size(); i++) {
      if (encoding.floatCounts()) {
        floats(samples, i);
      } else {
        whole(samples, i);
      }
      if (encoding.startTimestamps()) {
        start(samples, i, changesOn);
      }
    }
    return out.bytes();
  }

  private static int changesOn(List<Sample> samples) {
    for (int i = 1; i < samples.size(); i++) {
      if (samples.get(i).start() != samples.get(i - 1).start() || i == 127) {
        return i;
      }
    }
    return 0;
  }

  private void start(List<Sample> samples, int i, int changesOn) {
    Sample now = samples.get(i);
    if (i == 0) {
      if (now.start() != 0) {
        out.varint(now.time() - now.start());
      }
    } else if (changesOn > 0 && i >= changesOn) {
      long difference = samples.get(i - 1).time() - now.start();
      long before = i == changesOn ? 0 : samples.get(i - 2).time() - samples.get(i - 1).start();
      out.signed(difference - before);
    }
  }

  private void layout(SpanHistogram h) {
    double threshold = h.zeroThreshold();
    if (threshold == 0) {
      out.number(0, 8);
    } else {
      out.number(255, 8).real(threshold); // no powers of two here
    }
    out.signed(h.schema());
    for (SpanHistogram.Side side : List.of(h.positive(), h.negative())) {
      out.unsigned(side.spans());
      for (int i = 0; i < side.spans(); i++) {
        out.unsigned(side.spanLength(i)).signed(side.spanOffset(i));
      }
    }
    if (h.schema() == -53) {
      out.unsigned(h.bounds());
      for (int i = 0; i < h.bounds(); i++) {
        double bound = h.bound(i); // whole ones only
        if (bound <= 33_554.43) {
          out.unsigned(Math.round(bound * 1000) + 1);
        } else {
          out.bits("0").real(bound);
        }
      }
    }
  }

  /** Time, count, zero count, and the differences of neighbouring buckets. */
  private static long[] numbers(Sample sample) {
    SpanHistogram h = sample.histogram();
    int positive = h.positive().buckets();
    long[] all = new long[3 + positive + h.negative().buckets()];
    all[0] = sample.time();
    all[1] = h.count();
    all[2] = h.zeroCount();
    for (int i = 3; i < all.length; i++) {
      int at = i - 3 < positive ? i - 3 : i - 3 - positive;
      SpanHistogram.Side side = i - 3 < positive ? h.positive() : h.negative();
      all[i] = side.bucket(at) - (at == 0 ? 0 : side.bucket(at - 1));
    }
    return all;
  }

  private void whole(List<Sample> samples, int number) {
    SpanHistogram h = samples.get(number).histogram();
    long[] now = numbers(samples.get(number));
    if (number == 0) {
      layout(h);
      out.signed(now[0]).unsigned(now[1]).unsigned(now[2]).real(h.sum());
      for (int i = 3; i < now.length; i++) {
        out.signed(now[i]);
      }
      counts = now;
      deltas = new long[now.length];
      windows = new int[][] {NO_WINDOW};
      return;
    }
    for (int i = 0; i < (h.isStale() ? 3 : now.length); i++) {
      long delta = now[i] - counts[i];
      out.signed(i > 0 && h.isStale() ? 0 : delta - deltas[i]);
      deltas[i] = delta;
      counts[i] = now[i];
      if (i == 2) {
        double before = samples.get(number - 1).histogram().sum();
        windows[0] = out.xor(h.sum(), before, windows[0]);
      }
    }
  }

  private void floats(List<Sample> samples, int number) {
    Sample sample = samples.get(number);
    SpanHistogram h = sample.histogram();
    int positive = h.positive().buckets();
    double[] now = new double[3 + positive + h.negative().buckets()];
    now[0] = Double.longBitsToDouble(h.count());
    now[1] = Double.longBitsToDouble(h.zeroCount());
    now[2] = h.sum();
    for (int i = 3; i < now.length; i++) {
      SpanHistogram.Side side = i - 3 < positive ? h.positive() : h.negative();
      now[i] = Double.longBitsToDouble(side.bucket(i - 3 < positive ? i - 3 : i - 3 - positive));
    }
    if (number == 0) {
      layout(h);
      out.signed(sample.time());
      for (double value : now) {
        out.real(value);
      }
      floats = now;
      deltas = new long[1];
      windows = new int[now.length][];
      Arrays.fill(windows, NO_WINDOW);
      return;
    }
    long delta = sample.time() - samples.get(number - 1).time();
    out.signed(delta - deltas[0]);
    deltas[0] = delta;
    for (int i = 0; i < (h.isStale() ? 3 : now.length); i++) {
      windows[i] = out.xor(now[i], floats[i], windows[i]);
      floats[i] = now[i];
    }
  }
}
