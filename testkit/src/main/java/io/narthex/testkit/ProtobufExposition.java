package io.narthex.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Writes pages of the protobuf exposition format, field by field, as targets send them: the numbers
 * of fields are those of client_model's {@code metrics.proto}. It writes what it is told, wrong
 * things too.
 */
public final class ProtobufExposition {

  /** The types of families. */
  public static final int COUNTER = 0;

  public static final int GAUGE = 1;
  public static final int SUMMARY = 2;
  public static final int UNTYPED = 3;
  public static final int HISTOGRAM = 4;
  public static final int GAUGE_HISTOGRAM = 5;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A page of families, each behind its length. */
  @SafeVarargs
  public static byte[] page(Consumer<ProtobufExposition>... families) {
    ProtobufExposition page = new ProtobufExposition();
    for (Consumer<ProtobufExposition> family : families) {
      byte[] message = bytes(family);
      page.varint(message.length);
      page.out.writeBytes(message);
    }
    return page.bytes();
  }

  private static byte[] bytes(Consumer<ProtobufExposition> content) {
    ProtobufExposition message = new ProtobufExposition();
    content.accept(message);
    return message.bytes();
  }

  public byte[] bytes() {
    return out.toByteArray();
  }

  /** A family's name, help and type. */
  public ProtobufExposition family(String name, String help, int type) {
    return text(1, name).text(2, help).number(3, type);
  }

  /** A metric of a family: labels and whatever else. */
  public ProtobufExposition metric(Consumer<ProtobufExposition> content) {
    return message(4, content);
  }

  /** A label of a metric or an exemplar. */
  public ProtobufExposition label(String name, String value) {
    return message(1, pair -> pair.text(1, name).text(2, value));
  }

  /** The value of a gauge (2), a counter (3) or an untyped metric (5). */
  public ProtobufExposition value(int field, double value) {
    return message(field, m -> m.real(1, value));
  }

  /** An exemplar in a field, without a timestamp if that is 0. */
  public ProtobufExposition exemplar(int field, String id, double value, long millis) {
    return message(
        field,
        e -> {
          e.label("trace_id", id).real(2, value);
          if (millis != 0) {
            e.time(3, millis);
          }
        });
  }

  /** A timestamp message. */
  public ProtobufExposition time(int field, long millis) {
    return message(field, t -> t.number(1, millis / 1000).number(2, millis % 1000 * 1_000_000));
  }

  /** A classic bucket of a histogram. */
  public ProtobufExposition bucket(double bound, long cumulative) {
    return message(3, b -> b.number(1, cumulative).real(2, bound));
  }

  /** A span of the positive (12) or negative (9) side. */
  public ProtobufExposition span(int field, int offset, int length) {
    return message(field, s -> s.signed(1, offset).number(2, length));
  }

  public ProtobufExposition message(int field, Consumer<ProtobufExposition> content) {
    return block(field, bytes(content));
  }

  public ProtobufExposition text(int field, String text) {
    return block(field, text.getBytes(StandardCharsets.UTF_8));
  }

  public ProtobufExposition block(int field, byte[] bytes) {
    varint(field << 3 | 2);
    varint(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  public ProtobufExposition number(int field, long value) {
    varint(field << 3);
    varint(value);
    return this;
  }

  public ProtobufExposition signed(int field, long value) {
    return number(field, (value << 1) ^ (value >> 63));
  }

  public ProtobufExposition real(int field, double value) {
    varint(field << 3 | 1);
    fixed(value);
    return this;
  }

  /** Differences, packed in one field. */
  public ProtobufExposition deltas(int field, long... values) {
    ProtobufExposition packed = new ProtobufExposition();
    for (long value : values) {
      packed.varint((value << 1) ^ (value >> 63));
    }
    return block(field, packed.bytes());
  }

  /** Floats, packed in one field. */
  public ProtobufExposition reals(int field, double... values) {
    ProtobufExposition packed = new ProtobufExposition();
    for (double value : values) {
      packed.fixed(value);
    }
    return block(field, packed.bytes());
  }

  private void fixed(double value) {
    long bits = Double.doubleToRawLongBits(value);
    for (int i = 0; i < 8; i++) {
      out.write((int) (bits >>> 8 * i));
    }
  }

  private void varint(long value) {
    while ((value & ~0x7fL) != 0) {
      out.write((int) (value | 0x80));
      value >>>= 7;
    }
    out.write((int) value);
  }
}
