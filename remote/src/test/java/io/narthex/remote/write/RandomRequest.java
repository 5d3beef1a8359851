package io.narthex.remote.write;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Requests as nobody writes them and as protobuf allows them. */
final class RandomRequest {

  private static final String[] NAMES = {"__name__", "a", "job", "instance", "ünï", "", "le"};
  private static final String[] VALUES = {"x", "y", "", "größe", "10.0.0.1:9100", "0.5"};

  private final Random random;
  private final long now;

  RandomRequest(Random random, long now) {
    this.random = random;
    this.now = now;
  }

  byte[] next() {
    Proto request = new Proto();
    int series = random.nextInt(5);
    for (int i = 0; i < series; i++) {
      noise(request, 6);
      request.bytes(1, series());
    }
    if (rarely()) {
      request.bytes(3, new Proto().number(1, 2).text(2, "a").text(4, "help").bytes());
    }
    noise(request, 6);
    return request.bytes();
  }

  private boolean rarely() {
    return random.nextInt(10) == 0;
  }

  private byte[] series() {
    List<byte[]> fields = new ArrayList<>();
    for (int i = rarely() ? 0 : 1; i < 1 + random.nextInt(4); i++) {
      fields.add(
          new Proto()
              .bytes(1, label(NAMES[i == 1 || rarely() ? 0 : random.nextInt(NAMES.length)]))
              .bytes());
    }
    if (fields.isEmpty() || !rarely()) {
      fields.addFirst(new Proto().bytes(1, label("__name__")).bytes());
    }
    long time = now + random.nextInt(40);
    for (int i = random.nextInt(4); i > 0; i--) {
      time += random.nextInt(5);
      fields.add(new Proto().bytes(2, sample(time)).bytes());
    }
    if (rarely()) {
      byte[] exemplar = new Proto().bytes(1, label("trace")).fixed(2, 1).number(3, now).bytes();
      fields.add(new Proto().bytes(3, exemplar).bytes());
    }
    for (int i = random.nextInt(20) - 17; i > 0; i--) {
      time += random.nextInt(5);
      fields.add(new Proto().bytes(4, histogram(time)).bytes());
    }
    if (random.nextInt(4) == 0) {
      Collections.shuffle(fields, random);
    }
    Proto series = new Proto();
    for (byte[] field : fields) {
      noise(series, 9);
      series.raw(field);
    }
    return series.bytes();
  }

  private byte[] label(String name) {
    Proto label = new Proto();
    boolean turned = rarely();
    String value = VALUES[random.nextInt(VALUES.length)];
    if (turned) {
      label.text(2, value);
    }
    noise(label, 7);
    label.text(1, name);
    if (!turned) {
      label.text(2, value);
    }
    return label.bytes();
  }

  private byte[] sample(long time) {
    Proto sample = new Proto();
    boolean turned = rarely();
    double value = random.nextInt(3) == 0 ? random.nextGaussian() : random.nextInt(3);
    if (turned) {
      sample.number(2, time);
    }
    if (value != 0 || random.nextBoolean()) {
      sample.fixed(1, value);
    }
    noise(sample, 5);
    if (!turned) {
      sample.number(2, random.nextInt(60) == 0 ? now + 700_000 : time);
    }
    return sample.bytes();
  }

  /** Mostly a sound one; one in ten says things twice, or contradicts itself. */
  private byte[] histogram(long time) {
    boolean floats = random.nextBoolean();
    boolean custom = random.nextInt(3) == 0;
    SpanHistogram h = new SpanHistogram().reset(floats).hint(ResetHint.values()[random.nextInt(4)]);
    h.schema(custom ? FloatHistogram.CUSTOM_BUCKETS : random.nextInt(-4, 9)).sum(random.nextInt(9));
    long total = 0;
    h.positive().addSpan(random.nextInt(3), 2);
    for (int i = 0; i < 2; i++) {
      long count = random.nextInt(1000);
      total += count;
      h.positive().addBucket(floats ? Double.doubleToRawLongBits(count) : count);
    }
    for (int i = custom ? 4 : 0; i > 0; i--) {
      h.addBound(10 - i);
    }
    total += random.nextInt(30) == 0 ? 1 : 0;
    h.count(floats ? Double.doubleToRawLongBits(total) : total);
    Proto message = new Proto();
    noise(message, 17);
    message.raw(Proto.histogram(h, time));
    if (rarely()) {
      message.number(1, total);
    }
    if (rarely()) {
      message.number(12, 0);
    }
    noise(message, 18);
    return message.bytes();
  }

  /** Sometimes a field that nobody knows. */
  private void noise(Proto message, int field) {
    if (!rarely()) {
      return;
    }
    switch (random.nextInt(4)) {
      case 0 -> message.number(field, random.nextLong());
      case 1 -> message.fixed(field, random.nextDouble());
      case 2 -> message.bytes(field, new byte[random.nextInt(200)]);
      default -> message.tag(field, 3).number(1, 5).tag(2, 3).tag(2, 4).tag(field, 4);
    }
  }
}
