package io.narthex.scrape.cache;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.hash.KeyedHash;
import io.narthex.model.exposition.MetricType;
import io.narthex.scrape.cache.MetadataCache.Kind;
import org.junit.jupiter.api.Test;

final class MetadataCacheTest {

  private final MetadataCache cache = new MetadataCache();
  private final KeyedHash hash = new KeyedHash();

  private boolean say(Kind kind, String family, String text) {
    byte[] line = Utf8.bytes(kind + " " + family + " " + text);
    hash.hash(line, 0, line.length, 2);
    if (cache.find(hash)) {
      return true;
    }
    MetricType type = kind == Kind.TYPE ? MetricType.valueOf(text) : MetricType.UNKNOWN;
    cache.put(hash, kind, family, type, text);
    return false;
  }

  @Test
  void gathersWhatTheCommentsSay() {
    cache.begin();
    assertThat(say(Kind.TYPE, "a", "COUNTER")).isFalse();
    assertThat(say(Kind.HELP, "a", "helps")).isFalse();
    assertThat(say(Kind.UNIT, "a", "s")).isFalse();
    cache.commit();
    assertThat(cache.families())
        .containsExactly(new MetricMetadata("a", MetricType.COUNTER, "helps", "s"));
    cache.begin();
    assertThat(say(Kind.TYPE, "a", "COUNTER")).isTrue();
    assertThat(cache.foundType()).isTrue();
    assertThat(cache.type()).isEqualTo(MetricType.COUNTER);
    assertThat(say(Kind.HELP, "a", "helps")).isTrue();
    assertThat(cache.foundType()).isFalse();
    cache.commit();
  }

  @Test
  void theLastWordCounts() {
    for (String help : new String[] {"one", "two", "one"}) {
      cache.begin();
      assertThat(say(Kind.HELP, "a", help)).isFalse();
      cache.commit();
      assertThat(cache.families()).extracting(MetricMetadata::help).containsExactly(help);
    }
  }

  @Test
  void forgetsAFamilyTenPagesAfterItsLastMention() {
    cache.begin();
    say(Kind.HELP, "a", "x");
    say(Kind.HELP, "b", "x");
    cache.commit();
    for (int page = 0; page < 10; page++) {
      cache.begin();
      say(Kind.HELP, "a", "x");
      cache.commit();
      assertThat(cache.family("b")).isNotNull();
    }
    cache.begin();
    say(Kind.HELP, "a", "x");
    cache.commit();
    assertThat(cache.family("b")).isNull();
    cache.begin();
    assertThat(say(Kind.HELP, "b", "x")).isFalse();
    cache.commit();
    assertThat(cache.family("b")).isNotNull();
  }

  @Test
  void aChangingCommentDoesNotPileUp() {
    for (int page = 0; page < 1000; page++) {
      cache.begin();
      say(Kind.HELP, "a", "help " + page);
      say(Kind.TYPE, "a", "GAUGE");
      cache.commit();
      assertThat(cache.family("a"))
          .isEqualTo(new MetricMetadata("a", MetricType.GAUGE, "help " + page, ""));
    }
  }

  @Test
  void equalMetadataOfTargetsIsOneObject() {
    cache.begin();
    say(Kind.HELP, "a", "x");
    MetadataCache other = new MetadataCache();
    other.begin();
    byte[] line = Utf8.bytes("HELP a x");
    hash.hash(line, 0, line.length, 2);
    other.put(hash, Kind.HELP, new String("a".toCharArray()), MetricType.UNKNOWN, "x");
    assertThat(other.family("a")).isSameAs(cache.family("a"));

    // Its name is one too where the rest differs.
    MetadataCache third = new MetadataCache();
    third.begin();
    hash.hash(Utf8.bytes("TYPE a"), 0, 6, 2);
    third.put(hash, Kind.TYPE, new String("a".toCharArray()), MetricType.GAUGE, "");
    MetricMetadata differs = requireNonNull(third.family("a"));
    assertThat(differs).isNotEqualTo(cache.family("a"));
    assertThat(differs.family()).isSameAs(requireNonNull(cache.family("a")).family());
  }
}
