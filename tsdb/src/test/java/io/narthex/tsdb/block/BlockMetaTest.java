package io.narthex.tsdb.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class BlockMetaTest {

  private static final String FULL =
      """
      {
      \t"ulid": "01BX5ZZKBKACTAV9WEVGEMMVRZ",
      \t"minTime": -7200000,
      \t"maxTime": 1700000000000,
      \t"stats": {
      \t\t"numSamples": 102,
      \t\t"numFloatSamples": 100,
      \t\t"numHistogramSamples": 2,
      \t\t"numSeries": 10,
      \t\t"numChunks": 20,
      \t\t"numTombstones": 3
      \t},
      \t"compaction": {
      \t\t"level": 2,
      \t\t"sources": [
      \t\t\t"01BX5ZZKBKACTAV9WEVGEMMVRZ",
      \t\t\t"01BX5ZZKBKACTAV9WEVGEMMVS0"
      \t\t],
      \t\t"deletable": true,
      \t\t"parents": [
      \t\t\t{
      \t\t\t\t"ulid": "01BX5ZZKBKACTAV9WEVGEMMVS0",
      \t\t\t\t"minTime": 1,
      \t\t\t\t"maxTime": 2
      \t\t\t}
      \t\t],
      \t\t"failed": true,
      \t\t"hints": [
      \t\t\t"from-out-of-order"
      \t\t]
      \t},
      \t"version": 1,
      \t"thanos": {
      \t\t"labels": {
      \t\t\t"a \\"b\\"": "ü",
      \t\t\t"empty": ""
      \t\t},
      \t\t"downsample": {
      \t\t\t"resolution": 300000
      \t\t},
      \t\t"files": [
      \t\t\t{
      \t\t\t\t"rel_path": "index",
      \t\t\t\t"size": 12345678901
      \t\t\t},
      \t\t\tnull,
      \t\t\t1.50,
      \t\t\t{},
      \t\t\t[]
      \t\t]
      \t}
      }\
      """;

  @Test
  void comesBackAsItWasLaidOut() {
    BlockMeta meta = BlockMeta.parse(Utf8.bytes(FULL));
    assertThat(meta.stats()).isEqualTo(new BlockMeta.Stats(102, 100, 2, 10, 20, 3));
    assertThat(meta.compaction().level()).isEqualTo(2);
    assertThat(meta.compaction().parents()).hasSize(1);
    assertThat(meta.compaction().failed()).isTrue();
    assertThat(meta.others()).containsOnlyKeys("thanos");
    assertThat(meta.toJson()).isEqualTo(FULL);
    assertThat(BlockMeta.parse(Utf8.bytes(meta.toJson()))).isEqualTo(meta);
  }

  @Test
  void whatIsZeroIsLeftOut() {
    Ulid ulid = Ulid.parse("01BX5ZZKBKACTAV9WEVGEMMVRZ");
    BlockMeta meta =
        new BlockMeta(
            ulid, 0, 10, BlockMeta.Stats.NONE, BlockMeta.Compaction.ofHead(ulid), Map.of());
    assertThat(meta.toJson())
        .isEqualTo(
            """
            {
            \t"ulid": "01BX5ZZKBKACTAV9WEVGEMMVRZ",
            \t"minTime": 0,
            \t"maxTime": 10,
            \t"stats": {},
            \t"compaction": {
            \t\t"level": 1,
            \t\t"sources": [
            \t\t\t"01BX5ZZKBKACTAV9WEVGEMMVRZ"
            \t\t]
            \t},
            \t"version": 1
            }\
            """);
  }

  @Test
  void whatIsWrongIsSaid() {
    assertThatThrownBy(() -> BlockMeta.parse(Utf8.bytes("[]"))).hasMessage("not a JSON object");
    assertThatThrownBy(() -> BlockMeta.parse(Utf8.bytes("{\"version\": 1}"))).hasMessage("no ulid");
    assertThatThrownBy(() -> BlockMeta.parse(Utf8.bytes("{\"version\": 3}")))
        .hasMessage("unexpected meta file version 3");
    assertThatThrownBy(() -> BlockMeta.parse(Utf8.bytes("{\"ulid\": \"x\"}")))
        .hasMessage("not a ULID: x");
    assertThatThrownBy(() -> BlockMeta.parse(Utf8.bytes("{\"minTime\": \"x\"}")))
        .hasMessage("unexpected value of minTime");
    assertThatThrownBy(() -> BlockMeta.parse(Utf8.bytes("{\"version\": 1")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theIntervalIsHalfOpen() {
    Ulid ulid = new Ulid(0, 0);
    BlockMeta meta =
        new BlockMeta(
            ulid, 10, 20, BlockMeta.Stats.NONE, BlockMeta.Compaction.ofHead(ulid), Map.of());
    assertThat(meta.overlaps(0, 9)).isFalse();
    assertThat(meta.overlaps(0, 10)).isTrue();
    assertThat(meta.overlaps(19, 30)).isTrue();
    assertThat(meta.overlaps(20, 30)).isFalse();
  }

  @Property(tries = 500)
  void ulidsSortAsTheirText(@ForAll long a, @ForAll long b, @ForAll long c, @ForAll long d) {
    Ulid one = new Ulid(a, b);
    Ulid other = new Ulid(c, d);
    assertThat(Ulid.parse(one.toString())).isEqualTo(one);
    assertThat(Ulid.parse(one.toString().toLowerCase(Locale.ROOT))).isEqualTo(one);
    assertThat(Integer.signum(one.compareTo(other)))
        .isEqualTo(Integer.signum(one.toString().compareTo(other.toString())));
  }

  @Test
  void aUlidHoldsItsTime() {
    Ulid ulid = Ulid.next(1_469_922_850_259L, new Random(1));
    assertThat(ulid.millis()).isEqualTo(1_469_922_850_259L);
    // The specification's example begins so for this time.
    assertThat(ulid.toString()).startsWith("01ARZ3NDEK");
    assertThat(Ulid.isUlid("81ARZ3NDEKTSV4RRFFQ69G5FAV")).as("too large").isFalse();
    assertThat(Ulid.isUlid("01ARZ3NDEKTSV4RRFFQ69G5FAU")).as("no U in it").isFalse();
  }
}
