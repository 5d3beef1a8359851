package io.narthex.scrape.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.hash.KeyedHash;
import io.narthex.model.labels.Labels;
import io.narthex.scrape.cache.ClassicLines.Role;
import org.junit.jupiter.api.Test;

final class ClassicLinesTest {

  private final ClassicLines lines = new ClassicLines();
  private final KeyedHash hash = new KeyedHash();

  private KeyedHash hash(String line) {
    byte[] bytes = Utf8.bytes(line);
    hash.hash(bytes, 0, bytes.length, 0);
    return hash;
  }

  private static Labels metric(int i) {
    return Labels.of("__name__", "h", "i", String.valueOf(i));
  }

  @Test
  void aLineIsKnownByItsHashAndFollowsTheOneBefore() {
    lines.begin(0);
    int metric = lines.number(metric(1));
    assertThat(lines.find(hash("a"))).isNegative();
    lines.add(hash("a"), metric, Role.BUCKET, 2.5);
    lines.add(hash("b"), metric, Role.SUM, 0);
    assertThat(lines.begin(1)).isFalse();
    int first = lines.expected();
    assertThat(lines.is(first, hash("a"))).isTrue();
    assertThat(lines.length(first)).isEqualTo(1);
    lines.met(first);
    assertThat(lines.role(first)).isEqualTo(Role.BUCKET);
    assertThat(lines.bound(first)).isEqualTo(2.5);
    assertThat(lines.metric(first)).isEqualTo(metric);
    assertThat(lines.role(lines.find(hash("b")))).isEqualTo(Role.SUM);
    assertThat(lines.labels(metric)).isEqualTo(metric(1));
    assertThat(lines.number(metric(1))).isEqualTo(metric);
    assertThat(lines.number(metric(2))).isNotEqualTo(metric);
  }

  @Test
  void aCreatedTimeHoldsForItsPage() {
    lines.begin(0);
    int metric = lines.number(metric(1));
    assertThat(lines.created(metric)).isZero();
    lines.created(metric, 5);
    assertThat(lines.created(metric)).isEqualTo(5);
    assertThat(lines.created(0)).isZero();
    lines.begin(1);
    assertThat(lines.created(metric)).isZero();
  }

  @Test
  void allIsForgottenWhenMostOfItIsGone() {
    boolean forgotten = false;
    int pages = 0;
    while (!forgotten && pages < 100) {
      forgotten = lines.begin(10);
      for (int i = 0; i < 100; i++) {
        String line = pages + " " + i;
        if (lines.find(hash(line)) < 0) {
          lines.add(hash(line), lines.number(metric(pages * 100 + i)), Role.COUNT, 0);
        }
      }
      pages++;
    }
    assertThat(pages).as("pages until so much is gone").isBetween(10, 20);
    assertThat(lines.find(hash("0 0"))).isNegative();
  }
}
