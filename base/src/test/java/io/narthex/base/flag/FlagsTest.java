package io.narthex.base.flag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FlagsTest {

  private final Flags flags = new Flags("server", "A server");
  private final Flag<String> file = flags.text("config.file", "a.yml", "The configuration file.");
  private final Flag<Boolean> lifecycle =
      flags.bool("web.enable-lifecycle", false, "Enable reload by HTTP.");
  private final Flag<Boolean> draining = flags.bool("drain", true, "Drain.");
  private final Flag<Integer> count = flags.value("count", "20", Integer::valueOf, "How many.");
  private final Flag<List<String>> addresses =
      flags.texts("web.listen-address", List.of("0.0.0.0:9090"), "Where to listen.");
  private final Flag<String> type =
      flags.choice("wal.type", "snappy", List.of("snappy", "zstd"), "How to compress.").hidden();
  private final Flag<String> url =
      flags.value("web.url", "", text -> text, "The URL.").placeholder("<URL>");

  private Flags.Request parse(String... arguments) {
    return flags.parse(List.of(arguments));
  }

  @Test
  void defaults() {
    assertThat(parse()).isEqualTo(Flags.Request.RUN);
    assertThat(file.value()).isEqualTo("a.yml");
    assertThat(file.isGiven()).isFalse();
    assertThat(lifecycle.value()).isFalse();
    assertThat(draining.value()).isTrue();
    assertThat(count.value()).isEqualTo(20);
    assertThat(addresses.value()).containsExactly("0.0.0.0:9090");
    assertThat(type.value()).isEqualTo("snappy");
    assertThat(url.value()).isEmpty();
  }

  @Test
  void everyForm() {
    assertThat(
            parse(
                "--config.file",
                "b.yml",
                "--web.enable-lifecycle",
                "--no-drain",
                "--count=3",
                "--web.listen-address=:1",
                "--web.listen-address",
                ":2",
                "--wal.type=zstd",
                "--web.url="))
        .isEqualTo(Flags.Request.RUN);
    assertThat(file.value()).isEqualTo("b.yml");
    assertThat(file.isChanged()).isTrue();
    assertThat(lifecycle.value()).isTrue();
    assertThat(draining.value()).isFalse();
    assertThat(count.value()).isEqualTo(3);
    assertThat(addresses.value()).containsExactly(":1", ":2");
    assertThat(type.value()).isEqualTo("zstd");
    assertThat(url.isGiven()).isTrue();
    assertThat(url.isChanged()).isFalse();
  }

  @Test
  void argumentsFromAFile(@TempDir Path folder) throws IOException {
    Path arguments = folder.resolve("args");
    Files.writeString(arguments, "--count=5\n# a comment\n--config.file\nc.yml\n");
    parse("@" + arguments, "--drain");
    assertThat(count.value()).isEqualTo(5);
    assertThat(file.value()).isEqualTo("c.yml");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          --x                          | 1 | unknown long flag '--x'
          --config.fil=x               | 1 | unknown long flag '--config.fil' (did you mean '--config.file'?)
          --no-config.file             | 1 | unknown long flag '--no-config.file' (did you mean '--config.file'?)
          -x                           | 1 | unknown short flag '-x'
          foo                          | 1 | unexpected foo
          -- foo                       | 1 | unexpected foo
          --web.enable-lifecycle=true  | 1 | unexpected true
          --config.file                | 1 | expected argument for flag '--config.file'
          --config.file --drain        | 1 | expected argument for flag '--config.file'
          @nofile                      | 1 | failed to open arguments file "nofile": open nofile: no such file or directory
          --count=x                    | 2 | For input string: "x"
          --config.file=a --config.file=b | 2 | flag 'config.file' cannot be repeated
          --wal.type=foo               | 2 | enum value must be one of snappy,zstd, got 'foo'
          """)
  void wrongLines(String line, int exitCode, String message) {
    assertThatThrownBy(() -> parse(line.split(" ")))
        .hasMessage(message)
        .isInstanceOfSatisfying(
            FlagException.class, e -> assertThat(e.exitCode()).isEqualTo(exitCode));
  }

  @ParameterizedTest
  @CsvSource({
    "--help, HELP",
    "-h, HELP",
    "--help-long, HELP",
    "--version, VERSION",
    "--completion-script-bash, COMPLETION_SCRIPT",
    "--completion-bash, COMPLETIONS"
  })
  void requests(String flag, Flags.Request request) {
    assertThat(parse(flag)).isEqualTo(request);
  }

  @Test
  void theStatusPageShowsAllFlags() {
    parse("--count=3");
    file.assume("/etc/a.yml");
    assertThat(flags.values())
        .isEqualTo(
            Map.of(
                "config.file", "/etc/a.yml",
                "count", "3",
                "drain", "true",
                "wal.type", "snappy",
                "web.enable-lifecycle", "false",
                "web.listen-address", "0.0.0.0:9090",
                "web.url", ""));
  }

  @Test
  void help() {
    assertThat(flags.help(60))
        .isEqualTo(
            """
            usage: server [<flags>]

            A server


            Flags:
              -h, --[no-]help            Show context-sensitive help.
                  --[no-]version         Show application version.
                  --config.file="a.yml"  The configuration file.
                  --[no-]web.enable-lifecycle
                                         Enable reload by HTTP.
                  --[no-]drain           Drain.
                  --count=20             How many.
                  --web.listen-address=0.0.0.0:9090 ...
                                         Where to listen.
                  --web.url=<URL>        The URL.

            """
                .replace("lifecycle\n", "lifecycle  \n")
                .replace(" ...\n", " ...  \n"));
  }

  @Test
  void completion() {
    assertThat(flags.completionScript())
        .contains("complete -F _server_bash_autocomplete -o default server");
    assertThat(flags.completions())
        .contains("--config.file\n", "--web.enable-lifecycle\n", "--no-drain\n")
        .doesNotContain("wal.type");
  }
}
