package io.narthex.base.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CompressionTest {

  @Property(tries = 200)
  void whatIsCompressedComesBack(
      @ForAll byte[] seed, @ForAll @IntRange(min = 1, max = 50) int times, @ForAll boolean zstd) {
    byte[] text = new byte[seed.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(seed, 0, text, i * seed.length, seed.length);
    }
    assertThat(zstd ? throughZstd(text) : throughSnappy(text)).isEqualTo(text);
  }

  @Test
  void snappyShrinksWhatRepeats() {
    byte[] text = new byte[10_000];
    Snappy snappy = new Snappy();
    byte[] out = new byte[snappy.maxCompressedLength(text.length)];
    assertThat(snappy.compress(text, 0, text.length, out, 0)).isLessThan(1_000);
  }

  @Test
  void snappyOfAKnownTextIsTheFormats() {
    // Length 5, then a literal of five bytes.
    byte[] block = {5, 4 << 2, 'h', 'e', 'l', 'l', 'o'};
    Snappy snappy = new Snappy();
    byte[] out = new byte[snappy.uncompressedLength(block, 0, block.length)];
    assertThat(snappy.decompress(block, 0, block.length, out, 0)).isEqualTo(5);
    assertThat(out).isEqualTo(new byte[] {'h', 'e', 'l', 'l', 'o'});
  }

  @Test
  void brokenInputIsAnException() {
    Snappy snappy = new Snappy();
    byte[] broken = {20, 4 << 2, 'h'};
    assertThatThrownBy(() -> snappy.decompress(broken, 0, broken.length, new byte[20], 0))
        .isInstanceOf(CompressionException.class)
        .hasMessage("snappy: corrupt input");
    assertThatThrownBy(() -> snappy.uncompressedLength(new byte[] {-1, -1}, 0, 2))
        .isInstanceOf(CompressionException.class);
    assertThatThrownBy(() -> new Zstd().decompress(broken, 0, broken.length, 1000))
        .isInstanceOf(CompressionException.class)
        .hasMessage("zstd: corrupt input");
  }

  @Test
  void zstdStopsAtTheLimit() {
    Zstd zstd = new Zstd();
    byte[] text = new byte[100_000];
    new Random(1).nextBytes(text);
    byte[] out = new byte[zstd.maxCompressedLength(text.length)];
    int length = zstd.compress(text, 0, text.length, out, 0);
    assertThatThrownBy(() -> zstd.decompress(out, 0, length, 1000))
        .isInstanceOf(CompressionException.class);
    assertThat(zstd.decompress(out, 0, length, 100_000)).isEqualTo(text);
  }

  private static byte[] throughSnappy(byte[] text) {
    Snappy snappy = new Snappy();
    byte[] out = new byte[3 + snappy.maxCompressedLength(text.length)];
    int length = snappy.compress(text, 0, text.length, out, 3);
    byte[] back = new byte[snappy.uncompressedLength(out, 3, length)];
    assertThat(snappy.decompress(out, 3, length, back, 0)).isEqualTo(back.length);
    return back;
  }

  private static byte[] throughZstd(byte[] text) {
    Zstd zstd = new Zstd();
    byte[] out = new byte[zstd.maxCompressedLength(text.length)];
    int length = zstd.compress(text, 0, text.length, out, 0);
    return zstd.decompress(Arrays.copyOf(out, length), 0, length, 1 << 20);
  }
}
