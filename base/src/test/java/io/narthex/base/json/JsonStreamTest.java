package io.narthex.base.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonStreamTest {

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What a connection does that has nothing more to say. */
  private static final class Silent extends InputStream {
    @Override
    public int read() throws IOException {
      throw new SocketTimeoutException("silent");
    }
  }

  @Test
  void listsAreGoneThroughElementByElement() throws Exception {
    String text =
        "{\"kind\":\"L\",\"skip\":{\"a\":[1,{}]},\"items\":[{\"n\":\"a\"},{\"n\":\"b\"}],\"last\":7}";
    List<String> seen = new ArrayList<>();
    try (JsonStream json = new JsonStream(bytes(text))) {
      assertThat(json.next()).isTrue();
      assertThat(json.beginObject()).isTrue();
      for (String name = json.nextName(); name != null; name = json.nextName()) {
        switch (name) {
          case "items" -> {
            assertThat(json.beginArray()).isTrue();
            while (json.nextItem()) {
              seen.add(json.value().text("n"));
            }
          }
          case "skip" -> json.skip();
          default -> seen.add(name + json.value().scalar());
        }
      }
      assertThat(json.next()).isFalse();
    }
    assertThat(seen).containsExactly("kindL", "a", "b", "last7");
  }

  @Test
  void membersAreLeftOutWhereverTheyStand() throws Exception {
    try (JsonStream json =
        new JsonStream(bytes("{\"big\":[1],\"a\":[{\"big\":{\"b\":1},\"c\":2}]}"))) {
      json.next();
      JsonValue value = json.value(Set.of("big"));
      assertThat(value.members().keySet()).containsExactly("a");
      assertThat(value.get("a").items().getFirst().members().keySet()).containsExactly("c");
    }
  }

  /** Texts behind each other; each is there as soon as its last byte is. */
  @Test
  void silenceHoldsNothingBack() throws Exception {
    InputStream in = new SequenceInputStream(bytes("{\"a\":1}\n{\"a\":2}"), new Silent());
    try (JsonStream json = new JsonStream(in)) {
      assertThat(json.next()).isTrue();
      assertThat(json.value().whole("a")).isEqualTo(1);
      assertThat(json.next()).isTrue();
      assertThat(json.value().whole("a")).isEqualTo(2);
      assertThatThrownBy(json::next).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void nothingIsReadBeforeItIsAskedFor() throws Exception {
    try (JsonStream json = new JsonStream(new Silent())) {
      assertThatThrownBy(json::next).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void nullStandsForAnEmptyObjectOrArray() throws Exception {
    try (JsonStream json = new JsonStream(bytes("{\"a\":null,\"b\":null}"))) {
      json.next();
      json.beginObject();
      json.nextName();
      assertThat(json.beginArray()).isFalse();
      json.nextName();
      assertThat(json.beginObject()).isFalse();
      assertThat(json.nextName()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":[1,", "{\"a\":", "{\"a\"", "{", "{\"a\":[1}", "{\"a\":[x]}"})
  void textsThatEndTooEarlyOrAreNone(String text) {
    assertThatThrownBy(
            () -> {
              try (JsonStream json = new JsonStream(bytes(text))) {
                json.next();
                json.beginObject();
                while (json.nextName() != null) {
                  json.beginArray();
                  while (json.nextItem()) {
                    json.skip();
                  }
                }
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void anotherShapeThanExpected() throws Exception {
    try (JsonStream json = new JsonStream(bytes("[1]"))) {
      json.next();
      assertThatThrownBy(json::beginObject)
          .hasMessage("no valid JSON: START_ARRAY where an object was expected");
    }
  }
}
