package io.narthex.tsdb.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.storage.StorageException;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BitCodesTest {

  private static BitWriter writer() {
    BitWriter out = new BitWriter();
    out.reset(0);
    return out;
  }

  private static BitReader reader(byte[] bytes) {
    BitReader in = new BitReader(ChunkEncoding.HISTOGRAM);
    in.open(BitText.padded(bytes), 0, bytes.length, 0);
    return in;
  }

  private static byte[] bytes(BitWriter out) {
    return BitText.bare(out.toArray(ChunkDecoder.PADDING));
  }

  @Test
  void varbitsAreTheShortestThatFit() {
    for (int shift = 0; shift < 64; shift++) {
      for (long near = -2; near <= 2; near++) {
        for (long value : new long[] {(1L << shift) + near, -(1L << shift) + near}) {
          BitWriter out = writer();
          out.signedVarbit(value);
          assertThat(bytes(out)).as("%d", value).isEqualTo(new BitText().signed(value).bytes());
          assertThat(reader(bytes(out)).signedVarbit()).isEqualTo(value);
          out.reset(0);
          out.unsignedVarbit(value);
          assertThat(bytes(out)).as("%d", value).isEqualTo(new BitText().unsigned(value).bytes());
          assertThat(reader(bytes(out)).unsignedVarbit()).isEqualTo(value);
        }
      }
    }
  }

  @Property
  void anythingComesBackFromAnyBit(@ForAll long[] values, @ForAll byte start) {
    BitWriter out = writer();
    BitText text = new BitText();
    int offset = (start & 63) + 1;
    out.write(-1, offset);
    text.number(-1, offset);
    for (long value : values) {
      out.signedVarbit(value);
      out.unsignedVarbit(value);
      out.varint(value);
      out.write(value, 64);
      out.write(value, 1);
      text.signed(value).unsigned(value).varint(value).number(value, 64).number(value, 1);
    }
    assertThat(bytes(out)).isEqualTo(text.bytes());
    BitReader in = reader(bytes(out));
    assertThat(in.bits(offset)).isEqualTo(-1L >>> (64 - offset));
    for (long value : values) {
      assertThat(in.signedVarbit()).isEqualTo(value);
      assertThat(in.unsignedVarbit()).isEqualTo(value);
      assertThat(in.varint()).isEqualTo(value);
      assertThat(in.bits(64)).isEqualTo(value);
      assertThat(in.bits(1)).isEqualTo(value & 1);
    }
    assertThat(in.left()).isBetween(0L, 7L);
  }

  @Test
  void aWriterIsEmptyAfterAReset() {
    BitWriter out = writer();
    for (int i = 0; i < 1000; i++) {
      out.write(-1, 64);
    }
    out.reset(3);
    out.write(0, 1);
    assertThat(bytes(out)).containsExactly(0, 0, 0, 0);
    assertThat(out.length()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "-0.0, 00",
    "0x1p-243, 01",
    "0x1p-128, 74",
    "1, f4",
    "0x1p10, fe",
    "0x1p11, ff40a0000000000000",
    "0x1p-244, ff30b0000000000000",
    "3, ff4008000000000000",
    "-1, ffbff0000000000000",
    "0.001, ff3f50624dd2f1a9fc",
    "Infinity, ff7ff0000000000000",
    "4.9E-324, ff0000000000000001"
  })
  void zeroThresholdsTakeAByteIfTheyCan(double threshold, String hex) {
    SpanHistogram histogram = new SpanHistogram().zero(threshold, 0);
    BitWriter out = writer();
    HistogramLayout.write(out, histogram);
    // Behind it: schema 0, no spans.
    assertThat(HexFormat.of().formatHex(bytes(out))).isEqualTo(hex + "00");
    SpanHistogram back = new SpanHistogram();
    HistogramLayout.read(reader(bytes(out)), back);
    assertThat(back.zeroThreshold()).isEqualTo(threshold == 0 ? 0.0 : threshold);
  }

  @Test
  void customBoundsThatAreThousandthsAreShort() {
    double[] bounds = {
      -0.5,
      0,
      0.001,
      0.005,
      0.1,
      0.25,
      1,
      10,
      33_554.43,
      33_554.431,
      1e6,
      0.0005,
      1.0 / 3,
      Double.MAX_VALUE,
      Double.POSITIVE_INFINITY
    };
    BitText expected = new BitText().bits("00000000").signed(-53).unsigned(0).unsigned(0);
    expected.unsigned(bounds.length).bits("0").real(-0.5);
    for (long thousandths : new long[] {0, 1, 5, 100, 250, 1000, 10_000, 33_554_430}) {
      expected.unsigned(thousandths + 1);
    }
    for (double other :
        new double[] {
          33_554.431, 1e6, 0.0005, 1.0 / 3, Double.MAX_VALUE, Double.POSITIVE_INFINITY
        }) {
      expected.bits("0").real(other);
    }
    SpanHistogram histogram = new SpanHistogram().schema(FloatHistogram.CUSTOM_BUCKETS);
    for (double bound : bounds) {
      histogram.addBound(bound);
    }
    BitWriter out = writer();
    HistogramLayout.write(out, histogram);
    assertThat(bytes(out)).isEqualTo(expected.bytes());
    SpanHistogram back = new SpanHistogram();
    HistogramLayout.read(reader(bytes(out)), back);
    assertThat(back).isEqualTo(histogram);
  }

  @Test
  void whatCannotBeALayoutIsRefused() {
    // Ten million spans, a span of 2^32 buckets, an unknown schema.
    String head = "00000000";
    BitText[] broken = {
      new BitText().bits(head).signed(0).unsigned(10_000_000).number(0, 64),
      new BitText().bits(head).signed(0).unsigned(1).unsigned(1L << 32).signed(0).number(0, 64),
      new BitText().bits(head).signed(0).unsigned(1).unsigned(-1).signed(0).number(0, 64),
      new BitText().bits(head).signed(0).unsigned(-1).number(0, 64),
      new BitText().bits(head).signed(0).unsigned(1).unsigned(1).signed(1L << 40).number(0, 64),
      new BitText().bits(head).signed(0).unsigned(1).unsigned(2).signed(Integer.MAX_VALUE),
      new BitText().bits(head).signed(53).number(0, 64),
      new BitText().bits(head).signed(-10).number(0, 64),
      new BitText().bits(head).signed(-53).unsigned(0).unsigned(0).unsigned(1_000_000).number(0, 9)
    };
    for (BitText each : broken) {
      byte[] bytes = each.number(0, 64).bytes();
      assertThatThrownBy(() -> HistogramLayout.read(reader(bytes), new SpanHistogram()))
          .as(each.toString())
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("histogram chunk of " + bytes.length + " bytes");
    }
  }
}
