package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of active queries, byte by byte, and what is read of what a crash has left. */
final class ActiveQueriesTest {

  private final FakeClock clock = new FakeClock(1_600_000_000_999L);
  @TempDir private Path folder;

  private ActiveQueries open(int places) {
    return ActiveQueries.open(folder, places, Disk.SYSTEM, clock);
  }

  private byte[] content() throws IOException {
    return Files.readAllBytes(folder.resolve("queries.active"));
  }

  /** The text of a place without its zeros. */
  private String place(int number) throws IOException {
    return new String(content(), 1 + 1000 * number, 1000, StandardCharsets.UTF_8).replace("\0", "");
  }

  @Test
  void aQueryStandsInItsPlaceWhileItRuns() throws IOException {
    try (ActiveQueries active = open(3)) {
      assertThat(content()).hasSize(3001).startsWith('[', 0, 0);
      Runnable first = active.note("up == \"a\" < 1");
      Runnable second = active.note("é");
      String entry = "{\"query\":\"up == \\\"a\\\" \\u003c 1\",\"timestamp_sec\":1600000000}";
      assertThat(place(0)).isEqualTo(entry + ",");
      assertThat(content()[1000]).isEqualTo((byte) ',');
      assertThat(content()[1 + entry.length()]).isZero();
      assertThat(place(1)).isEqualTo("{\"query\":\"é\",\"timestamp_sec\":1600000000},");
      first.run();
      assertThat(place(0)).isEmpty();
      active.note("third");
      assertThat(place(0)).contains("third");
      second.run();
    }
    assertThat(ActiveQueries.unfinished(content()))
        .isEqualTo("[{\"query\":\"third\",\"timestamp_sec\":1600000000}]");
    open(3).close();
    assertThat(ActiveQueries.unfinished(content())).isEmpty();
  }

  @Test
  void aLongQueryIsCutBetweenCharacters() throws IOException {
    try (ActiveQueries active = open(2)) {
      active.note("x".repeat(5000));
      active.note("\u0001\uD83D\uDE00".repeat(3000));
      assertThat(place(0)).hasSize(1000).startsWith("{\"query\":\"xxx").endsWith("},");
      String unfinished = ActiveQueries.unfinished(content());
      Json all = Json.parse(unfinished);
      assertThat(all.items()).hasSize(2);
      assertThat(all.get(0).get("query").text()).hasSizeGreaterThan(950);
      String cut = all.get(1).get("query").text();
      assertThat(cut).startsWith("\u0001\uD83D\uDE00\u0001").doesNotContain("\uFFFD");
      assertThat("\u0001\uD83D\uDE00".repeat(3000)).startsWith(cut);
    }
  }

  @Test
  void withoutPlacesNothingIsNoted() throws IOException {
    try (ActiveQueries active = open(0)) {
      active.note("up").run();
      assertThat(content()).containsExactly('[');
    }
  }
}
