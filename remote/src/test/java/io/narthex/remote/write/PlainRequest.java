package io.narthex.remote.write;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.HistogramRules;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a request once more, as plainly as they can be said: everything becomes an object,
 * all is read before anything is appended. What the receiver is compared with.
 */
final class PlainRequest {

  /** The bytes are no request. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;
  }

  private static final class Field {
    final int number;
    final int type;
    final long value;
    final byte[] content;

    Field(int number, int type, long value, byte[] content) {
      this.number = number;
      this.type = type;
      this.value = value;
      this.content = content;
    }
  }

  private static final class Label {
    byte[] name = {};
    byte[] value = {};
  }

  private record Sample(long timestamp, double value) {}

  private record Histogram(long timestamp, SpanHistogram content) {}

  private record Series(List<Label> labels, List<Sample> samples, List<Histogram> histograms) {}

  private final List<Series> series = new ArrayList<>();

  PlainRequest(byte[] bytes) throws Malformed {
    for (Field field : fields(bytes)) {
      switch (field.number) {
        case 1 -> series.add(series(content(field)));
        case 3 -> metadata(content(field));
        default -> {}
      }
    }
  }

  private static byte[] content(Field field) throws Malformed {
    return type(field, 2).content;
  }

  private static Field type(Field field, int type) throws Malformed {
    if (field.type != type) {
      throw new Malformed();
    }
    return field;
  }

  private static Series series(byte[] bytes) throws Malformed {
    List<Label> labels = new ArrayList<>();
    List<Sample> samples = new ArrayList<>();
    List<Histogram> histograms = new ArrayList<>();
    for (Field field : fields(bytes)) {
      switch (field.number) {
        case 1 -> labels.add(label(content(field)));
        case 2 -> samples.add(sample(content(field)));
        case 3 -> exemplar(content(field));
        case 4 -> histograms.add(histogram(content(field)));
        default -> {}
      }
    }
    return new Series(labels, samples, histograms);
  }

  private static Label label(byte[] bytes) throws Malformed {
    Label label = new Label();
    for (Field field : fields(bytes)) {
      switch (field.number) {
        case 1 -> label.name = content(field);
        case 2 -> label.value = content(field);
        default -> {}
      }
    }
    return label;
  }

  private static Sample sample(byte[] bytes) throws Malformed {
    double value = 0;
    long timestamp = 0;
    for (Field field : fields(bytes)) {
      switch (field.number) {
        case 1 -> value = Double.longBitsToDouble(type(field, 1).value);
        case 2 -> timestamp = type(field, 0).value;
        default -> {}
      }
    }
    return new Sample(timestamp, value);
  }

  private static Histogram histogram(byte[] bytes) throws Malformed {
    boolean floats = false;
    long[] counts = new long[2];
    long[] zeros = new long[2];
    boolean zeroFloats = false;
    double sum = 0;
    int schema = 0;
    double threshold = 0;
    int hint = 0;
    long time = 0;
    List<int[]> negativeSpans = new ArrayList<>();
    List<int[]> positiveSpans = new ArrayList<>();
    List<List<Long>> numbers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      numbers.add(new ArrayList<>());
    }
    for (Field field : fields(bytes)) {
      switch (field.number) {
        case 1 -> {
          counts[0] = type(field, 0).value;
          floats = false;
        }
        case 2 -> {
          counts[1] = type(field, 1).value;
          floats = true;
        }
        case 3 -> sum = Double.longBitsToDouble(type(field, 1).value);
        case 4 -> schema = signed((int) type(field, 0).value);
        case 5 -> threshold = Double.longBitsToDouble(type(field, 1).value);
        case 6 -> {
          zeros[0] = type(field, 0).value;
          zeroFloats = false;
        }
        case 7 -> {
          zeros[1] = type(field, 1).value;
          zeroFloats = true;
        }
        case 8 -> negativeSpans.add(span(content(field)));
        case 9 -> varints(field, numbers.get(0));
        case 10 -> doubles(field, numbers.get(1));
        case 11 -> positiveSpans.add(span(content(field)));
        case 12 -> varints(field, numbers.get(2));
        case 13 -> doubles(field, numbers.get(3));
        case 14 -> hint = (int) type(field, 0).value;
        case 15 -> time = type(field, 0).value;
        case 16 -> doubles(field, numbers.get(4));
        default -> {}
      }
    }
    int kind = floats ? 1 : 0;
    SpanHistogram all = new SpanHistogram().reset(floats).schema(schema).sum(sum);
    all.count(counts[kind]).zero(threshold, floats == zeroFloats ? zeros[kind] : 0);
    all.hint(hint > 0 && hint < 4 ? ResetHint.values()[hint] : ResetHint.UNKNOWN);
    side(all.negative(), negativeSpans, numbers.get(kind), floats);
    side(all.positive(), positiveSpans, numbers.get(2 + kind), floats);
    numbers.get(4).forEach(bound -> all.addBound(Double.longBitsToDouble(bound)));
    if (schema > HistogramRules.MAX_SCHEMA
        && schema <= HistogramRules.MAX_RESERVED_SCHEMA
        && HistogramRules.violation(all.schema(HistogramRules.MAX_SCHEMA)) == null) {
      all.schema(schema).reduceTo(HistogramRules.MAX_SCHEMA); // as Prometheus does
    } else {
      all.schema(schema);
    }
    return new Histogram(time, all);
  }

  private static void side(
      SpanHistogram.Side side, List<int[]> spans, List<Long> numbers, boolean floats) {
    spans.forEach(span -> side.addSpan(span[0], span[1]));
    long sum = 0;
    for (long number : numbers) {
      sum = floats ? number : sum + number;
      side.addBucket(sum);
    }
  }

  private static int[] span(byte[] bytes) throws Malformed {
    int[] span = new int[2];
    for (Field field : fields(bytes)) {
      switch (field.number) {
        case 1 -> span[0] = signed((int) type(field, 0).value);
        case 2 -> span[1] = (int) type(field, 0).value;
        default -> {}
      }
    }
    return span;
  }

  private static int signed(int coded) {
    return coded >>> 1 ^ -(coded & 1);
  }

  private static void varints(Field field, List<Long> into) throws Malformed {
    if (field.type == 0) {
      into.add(field.value >>> 1 ^ -(field.value & 1));
      return;
    }
    ByteBuffer in = ByteBuffer.wrap(content(field));
    while (in.hasRemaining()) {
      long coded = varint(in);
      into.add(coded >>> 1 ^ -(coded & 1));
    }
  }

  private static void doubles(Field field, List<Long> into) throws Malformed {
    if (field.type == 1) {
      into.add(field.value);
      return;
    }
    ByteBuffer in = ByteBuffer.wrap(content(field)).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      into.add(ByteBuffer.wrap(take(in, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong());
    }
  }

  private static void exemplar(byte[] bytes) throws Malformed {
    for (Field field : fields(bytes)) {
      switch (field.number) {
        case 1 -> label(content(field));
        case 2 -> type(field, 1);
        case 3 -> type(field, 0);
        default -> {}
      }
    }
  }

  private static void metadata(byte[] bytes) throws Malformed {
    for (Field field : fields(bytes)) {
      switch (field.number) {
        case 1 -> type(field, 0);
        case 2, 4, 5 -> type(field, 2);
        default -> {}
      }
    }
  }

  private static List<Field> fields(byte[] bytes) throws Malformed {
    List<Field> fields = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long tag = varint(in);
      int number = (int) (tag >>> 3);
      int type = (int) tag & 7;
      if (number <= 0 || type == 4) {
        throw new Malformed();
      }
      fields.add(field(in, number, type));
    }
    return fields;
  }

  private static Field field(ByteBuffer in, int number, int type) throws Malformed {
    byte[] none = {};
    switch (type) {
      case 0 -> {
        return new Field(number, type, varint(in), none);
      }
      case 1 -> {
        return new Field(
            number, type, ByteBuffer.wrap(take(in, 8)).order(in.order()).getLong(), none);
      }
      case 2 -> {
        return new Field(number, type, 0, take(in, varint(in)));
      }
      case 3 -> {
        while (true) {
          int inner = (int) varint(in) & 7;
          if (inner == 4) {
            return new Field(number, type, 0, none);
          }
          field(in, 1, inner);
        }
      }
      case 5 -> {
        return new Field(number, type, 0, take(in, 4));
      }
      default -> throw new Malformed();
    }
  }

  private static byte[] take(ByteBuffer in, long count) throws Malformed {
    if (count < 0 || count > in.remaining()) {
      throw new Malformed();
    }
    byte[] taken = new byte[(int) count];
    in.get(taken);
    return taken;
  }

  private static long varint(ByteBuffer in) throws Malformed {
    long value = 0;
    for (int i = 0; i < 10; i++) {
      if (!in.hasRemaining()) {
        throw new Malformed();
      }
      byte b = in.get();
      value |= (b & 0x7fL) << (7 * i);
      if (b >= 0) {
        return value;
      }
    }
    throw new Malformed();
  }

  /** Stores the request; false if it is refused, and then nothing is stored. */
  boolean store(Appendable storage, long latest) {
    try (Appendable.AppendGroup group = storage.group()) {
      Appender appender = group.appender();
      for (Series one : series) {
        Labels labels = valid(one.labels);
        if (labels == null) {
          continue;
        }
        for (Sample sample : one.samples) {
          if (sample.timestamp > latest
              || appender.append(appender.series(labels), sample.timestamp, sample.value)
                  != AppendResult.OK) {
            appender.rollback();
            return false;
          }
        }
        for (Histogram histogram : one.histograms) {
          if (histogram.timestamp > latest
              || appender.append(appender.series(labels), histogram.timestamp, histogram.content)
                  != AppendResult.OK) {
            appender.rollback();
            return false;
          }
        }
      }
      appender.commit();
      return true;
    }
  }

  private static @Nullable Labels valid(List<Label> labels) {
    TreeMap<String, String> pairs = new TreeMap<>();
    try {
      for (Label label : labels) {
        String name = text(label.name);
        String value = text(label.value);
        boolean nameless = name.equals(Labels.METRIC_NAME) && value.isEmpty();
        if (name.isEmpty() || nameless || pairs.put(name, value) != null) {
          return null;
        }
      }
    } catch (CharacterCodingException e) {
      return null;
    }
    return pairs.containsKey(Labels.METRIC_NAME) ? Labels.of(pairs) : null;
  }

  private static String text(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
