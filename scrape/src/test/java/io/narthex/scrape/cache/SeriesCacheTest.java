package io.narthex.scrape.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.hash.KeyedHash;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class SeriesCacheTest {

  private final SeriesCache cache = new SeriesCache();
  private final KeyedHash hash = new KeyedHash();
  private final Map<String, Long> handles = new HashMap<>();
  private final List<Long> gone = new ArrayList<>();
  private int unknown;

  private long handle(String series) {
    return handles.computeIfAbsent(series, s -> handles.size() + 1L);
  }

  /** Reads lines; "x" is the line and the series x, "x=y" the line x of the series y. */
  private void read(String... lines) {
    cache.begin();
    for (String line : lines) {
      String text = line.contains("=") ? line.substring(0, line.indexOf('=')) : line;
      String series = line.substring(line.indexOf('=') + 1);
      byte[] b = Utf8.bytes(text);
      hash.hash(b, 0, b.length, 0);
      int n = cache.find(hash);
      if (n < 0) {
        unknown++;
        cache.add(hash, handle(series), true);
      } else {
        assertThat(cache.handle(n)).isEqualTo(handle(series));
        cache.mark(n, true);
      }
    }
  }

  private List<Long> page(String... lines) {
    gone.clear();
    unknown = 0;
    read(lines);
    cache.commit(gone::add);
    return gone;
  }

  private int line(String text) {
    byte[] b = Utf8.bytes(text);
    hash.hash(b, 0, b.length, 0);
    return cache.find(hash);
  }

  @Test
  void whatIsSaidOfALineStaysWithItWhenOthersAreSweptOut() {
    List<String> page = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      page.add("line" + i);
    }
    page(page.toArray(String[]::new));
    assertThat(cache.start(line("line150"))).isZero();
    cache.start(line("line150"), 7);
    cache.group(line("line199"), 9);
    cache.start(line("line3"), 0);
    List<String> few = page.subList(140, 200);
    page(few.toArray(String[]::new));
    assertThat(cache.size()).isEqualTo(60);
    assertThat(line("line3")).isNegative();
    page("new");
    assertThat(cache.start(line("new"))).isZero();
    page(few.toArray(String[]::new));
    assertThat(cache.start(line("line150"))).isEqualTo(7);
    assertThat(cache.group(line("line150"))).isZero();
    assertThat(cache.group(line("line199"))).isEqualTo(9);
    cache.invalidate();
    page("a");
    assertThat(cache.start(line("a"))).isZero();
  }

  @Test
  void aKnownPageMissesNothing() {
    page("a", "b", "c");
    assertThat(unknown).isEqualTo(3);
    for (int i = 0; i < 20; i++) {
      assertThat(page("a", "b", "c")).isEmpty();
      assertThat(unknown).isZero();
    }
    assertThat(cache.size()).isEqualTo(3);
  }

  @Test
  void anInsertedLineIsTheOnlyUnknownOne() {
    page("a", "b", "c", "d");
    assertThat(page("a", "x", "b", "c", "d")).isEmpty();
    assertThat(unknown).isEqualTo(1);
    assertThat(page("d", "c", "x", "b", "a")).isEmpty();
    assertThat(unknown).isZero();
  }

  @Test
  void aVanishedLineEndsItsSeriesOnce() {
    page("a", "b", "c");
    assertThat(page("a", "c")).containsExactly(handle("b"));
    assertThat(page("a", "c")).isEmpty();
    assertThat(page("a", "b", "c")).isEmpty();
    assertThat(unknown).isZero();
    assertThat(page("a")).containsExactlyInAnyOrder(handle("b"), handle("c"));
  }

  @Test
  void aSeriesThatAnotherLineCarriesHasNotEnded() {
    page("a{x,y}=s", "b");
    assertThat(page("a{y,x}=s", "b")).isEmpty();
    assertThat(page("b")).containsExactly(handle("s"));
  }

  @Test
  void aLineThatIsNoLongerTrackedEndsItsSeries() {
    page("a");
    cache.begin();
    byte[] b = Utf8.bytes("a");
    hash.hash(b, 0, 1, 0);
    cache.mark(cache.find(hash), false);
    cache.commit(gone::add);
    assertThat(gone).containsExactly(handle("a"));
    assertThat(page()).isEmpty();
  }

  @Test
  void aFailedScrapeEndsAllSeriesOnce() {
    page("a", "b");
    cache.allGone(gone::add);
    assertThat(gone).containsExactlyInAnyOrder(handle("a"), handle("b"));
    gone.clear();
    cache.allGone(gone::add);
    assertThat(gone).isEmpty();
    assertThat(page("a")).isEmpty();
    assertThat(page()).containsExactly(handle("a"));
  }

  @Test
  void aPageThatBreaksOffMarksNothing() {
    page("a", "b");
    read("a", "new");
    assertThat(cache.fail()).isFalse();
    cache.allGone(gone::add);
    assertThat(gone).containsExactlyInAnyOrder(handle("a"), handle("b"));
    assertThat(page("a", "b", "new")).isEmpty();
    assertThat(unknown).isZero();
    assertThat(page("a", "b")).containsExactly(handle("new"));
  }

  @Test
  void linesOfBrokenPagesDoNotPileUp() {
    page("a");
    boolean swept = false;
    for (int i = 0; i < 3000 && !swept; i++) {
      read("x" + i);
      swept = cache.fail();
    }
    assertThat(swept).isTrue();
    assertThat(cache.bytes()).isLessThan(1000);
  }

  @Test
  void afterInvalidationLinesAreUnknownButSeriesAreNot() {
    page("a", "b");
    cache.invalidate();
    assertThat(page("a")).containsExactly(handle("b"));
    assertThat(unknown).isEqualTo(1);
    cache.invalidate();
    cache.allGone(gone::add);
    assertThat(gone).containsExactly(handle("b"), handle("a"));
  }

  @Test
  void duplicatesAreSeenByTheirMark() {
    cache.begin();
    byte[] b = Utf8.bytes("a");
    hash.hash(b, 0, 1, 0);
    assertThat(cache.find(hash)).isEqualTo(-1);
    int line = cache.add(hash, 1, true);
    assertThat(cache.isMarked(line)).isTrue();
    cache.commit(gone::add);
    cache.begin();
    assertThat(cache.isMarked(cache.find(hash))).isFalse();
    assertThat(cache.isBack(line)).isFalse();
  }

  @Test
  void aQuietTargetCosts31BytesASeries() {
    String[] lines = new String[10_000];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = "metric " + i;
    }
    for (int i = 0; i < 12; i++) {
      page(lines);
    }
    assertThat(cache.bytes() / (double) lines.length).isEqualTo(31.0);
  }

  /** Against a model with sets: any sequence of pages, some of them broken. */
  @Property(tries = 200)
  void agreesWithAPlainModel(@ForAll long seed) {
    Random random = new Random(seed);
    SeriesCache tested = new SeriesCache();
    Set<Long> last = new HashSet<>();
    boolean said = true;
    for (int page = 0; page < 60; page++) {
      tested.begin();
      Set<Long> now = new HashSet<>();
      List<Long> order = new ArrayList<>();
      int range = 1 + random.nextInt(150);
      for (long n = 0; n < range; n++) {
        if (random.nextInt(8) > 0) {
          order.add(n);
        }
      }
      if (random.nextInt(5) == 0) {
        java.util.Collections.shuffle(order, random);
      }
      for (long n : order) {
        byte[] b = Utf8.bytes("line " + n);
        hash.hash(b, 0, b.length, 1);
        int line = tested.find(hash);
        if (line < 0) {
          tested.add(hash, n / 2 + 1, true);
        } else {
          assertThat(tested.handle(line)).isEqualTo(n / 2 + 1);
          assertThat(tested.isMarked(line)).isFalse();
          tested.mark(line, true);
        }
        now.add(n / 2 + 1);
      }
      Set<Long> reported = new HashSet<>();
      int what = random.nextInt(6);
      if (what == 0) {
        tested.fail();
        tested.allGone(reported::add);
        assertThat(reported).isEqualTo(said ? Set.of() : last);
        said = true;
      } else {
        tested.commit(reported::add);
        Set<Long> expected = new HashSet<>(said ? Set.of() : last);
        expected.removeAll(now);
        assertThat(reported).isEqualTo(expected);
        last = now;
        said = false;
        if (what == 1) {
          tested.invalidate();
        }
      }
    }
  }
}
