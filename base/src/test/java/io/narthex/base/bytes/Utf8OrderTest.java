package io.narthex.base.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Texts are ordered as their bytes are. */
class Utf8OrderTest {

  @Property(tries = 500)
  void textsAreOrderedAsTheirBytes(@ForAll("texts") List<String> texts) {
    List<String> expected = new ArrayList<>(texts);
    expected.sort(Comparator.comparing(Utf8::bytes, Arrays::compareUnsigned));
    List<String> one = new ArrayList<>(texts);
    one.sort(Utf8::compare);
    assertThat(one).isEqualTo(expected);
    List<String> other = new ArrayList<>(texts);
    other.sort(Utf8.order(texts));
    assertThat(other).isEqualTo(expected);
  }

  @Example
  void charactersBeyondTheBasicPlaneComeLast() {
    List<String> texts = new ArrayList<>(List.of("\ud83d\ude00", "\uffee", "a"));
    texts.sort(Utf8.order(texts));
    assertThat(texts).containsExactly("a", "\uffee", "\ud83d\ude00");
  }

  @Provide
  Arbitrary<List<String>> texts() {
    Arbitrary<String> pieces =
        Arbitraries.of("", "a", "b", "A", "_", "\u00e9", "\u4e2d", "\uffee", "\ud83d\ude00");
    return pieces.list().ofMaxSize(5).map(parts -> String.join("", parts)).list().ofMaxSize(30);
  }
}
