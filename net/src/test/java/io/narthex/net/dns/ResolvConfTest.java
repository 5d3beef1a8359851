package io.narthex.net.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The format: resolv.conf(5). */
final class ResolvConfTest {

  @TempDir private Path folder;

  private ResolvConf read(String text) throws Exception {
    Path file = folder.resolve("resolv.conf");
    Files.writeString(file, text);
    return ResolvConf.read(file);
  }

  @Test
  void readsServersAndSearchList() throws Exception {
    ResolvConf conf =
        read(
            """
            # a comment
            ; another
            nameserver 10.0.0.1
            nameserver\t2001:db8::1 # behind it
            nameserver
            search a.example b.example ; and this
            options timeout:1 ndots:5 rotate
            sortlist 10.0.0.0
            """);
    assertThat(conf)
        .isEqualTo(
            new ResolvConf(
                List.of("10.0.0.1", "2001:db8::1"), List.of("a.example", "b.example"), 5));
  }

  @Test
  void theLastOfDomainAndSearchCounts() throws Exception {
    assertThat(read("search a b\ndomain c\n").search()).containsExactly("c");
    assertThat(read("domain c\nsearch a b\n").search()).containsExactly("a", "b");
  }

  @ParameterizedTest
  @CsvSource({"'',1", "ndots:0,0", "ndots:99,15", "ndots:x,0", "ndots:-1,0", "ndots:,0"})
  void dots(String option, int expected) throws Exception {
    assertThat(read("options debug " + option).ndots()).isEqualTo(expected);
  }

  @Test
  void missingFile() {
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> ResolvConf.read(none))
        .hasMessage("could not load resolv.conf: no such file: " + none);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          host        | 1 | a b.       | host.a. host.b. host.
          host.x      | 1 | a b        | host.x. host.x.a. host.x.b.
          host.x      | 2 | a          | host.x.a. host.x.
          host.x.     | 5 | a          | host.x.
          host        | 0 | a          | host. host.a.
          host        | 1 | .          | host.
          _h._tcp.x   | 1 | a          | _h._tcp.x. _h._tcp.x.a.
          """)
  void namesToTry(String name, int ndots, String search, String expected) {
    ResolvConf conf = new ResolvConf(List.of(), List.of(search.split(" ", -1)), ndots);
    assertThat(conf.names(name)).containsExactly(expected.split(" ", -1));
  }
}
