package io.narthex.base.flag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CommandTest {

  private final Command tool = Command.program("tool", "A tool.");
  private final Flag<Boolean> loud = tool.flags().bool("loud", true, "Say more.");
  private final Command group = tool.command("group", "Several.");
  private final Flag<Boolean> human = group.flags().bool("human", false, "For people.").letter('r');
  private final Flag<Boolean> quiet = group.flags().bool("quiet", false, "Say less.").letter('q');
  private final Command copy = group.command("copy", "Copy something.");
  private final Flag<Long> limit = copy.flags().value("limit", "20", Long::valueOf, "How many.");
  private final Flag<List<String>> labels = copy.flags().texts("label", List.of(), "Labels.");
  private final Flag<String> from = copy.requiredArgument("from", "Where from.");
  private final Flag<String> to = copy.argument("to", "there", "Where to.");
  private final Command list = tool.command("list", "List all.");

  CommandTest() {
    tool.later("fly", "'fly' is not there yet");
  }

  private Command.Choice parse(String line) {
    return tool.parse(line.isEmpty() ? List.of() : List.of(line.split(" ", -1)));
  }

  @Test
  void flagsOfAllLevelsAndArgumentsMix() {
    Command.Choice choice =
        parse("group -r copy --limit=3 here --no-loud --label a=b --label=c=d elsewhere --quiet");
    assertThat(choice.request()).isEqualTo(Flags.Request.RUN);
    assertThat(choice.command()).isSameAs(copy);
    assertThat(copy.path()).isEqualTo("group copy");
    assertThat(human.value()).isTrue();
    assertThat(quiet.value()).isTrue();
    assertThat(loud.value()).isFalse();
    assertThat(limit.value()).isEqualTo(3);
    assertThat(labels.value()).containsExactly("a=b", "c=d");
    assertThat(from.value()).isEqualTo("here");
    assertThat(to.value()).isEqualTo("elsewhere");
  }

  @Test
  void absentOnes() {
    parse("group copy -- -here");
    assertThat(from.value()).isEqualTo("-here");
    assertThat(to.value()).isEqualTo("there");
    assertThat(limit.value()).isEqualTo(20);
    assertThat(human.value()).isFalse();
  }

  @Test
  void lettersTogether() {
    parse("group copy -rq here");
    assertThat(human.value()).isTrue();
    assertThat(quiet.value()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          group | must select a subcommand of 'group'
          grop | expected command but got "grop" (did you mean "group"?)
          group fly | expected command but got "fly"
          fly | 'fly' is not there yet
          --loud | command not specified
          group copy | required argument 'from' not provided
          group copy a b c | unexpected c
          list --limit=3 | unknown long flag '--limit'
          group copy --limt=3 | unknown long flag '--limt' (did you mean '--limit'?)
          group copy -x | unknown short flag '-x'
          group copy --limit | expected argument for flag '--limit'
          group copy --limit --quiet | expected argument for flag '--limit'
          group copy --quiet=true | unexpected true
          group copy --no-limit a | unknown long flag '--no-limit'
          group copy --limit=1 --limit=2 a | flag 'limit' cannot be repeated
          """)
  void wrongLines(String line, String message) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOf(FlagException.class)
        .hasMessage(message)
        .extracting(e -> ((FlagException) e).exitCode())
        .isEqualTo(1);
  }

  @Test
  void helpOfTheProgram() {
    for (String line : List.of("", "--help", "-h", "help")) {
      Command.Choice choice = parse(line);
      assertThat(choice.request()).isEqualTo(Flags.Request.HELP);
      assertThat(choice.command()).isSameAs(tool);
    }
    assertThat(tool.help(80))
        .isEqualTo(
            """
            usage: tool [<flags>] <command> [<args> ...]

            A tool.


            Flags:
              -h, --[no-]help     Show context-sensitive help.
                  --[no-]version  Show application version.
                  --[no-]loud     Say more.

            Commands:
            help [<command>...]
                Show help.

            group copy [<flags>] <from> [<to>]
                Copy something.

            list
                List all.


            """);
  }

  @Test
  void helpOfACommand() {
    for (String line : List.of("group copy --help", "group copy -h", "help group copy")) {
      Command fresh = new CommandTest().copy;
      assertThat(fresh.path()).isEqualTo("group copy");
      assertThat(new CommandTest().parse(line).request()).isEqualTo(Flags.Request.HELP);
    }
    assertThat(copy.help(80))
        .isEqualTo(
            """
            usage: tool group copy [<flags>] <from> [<to>]

            Copy something.


            Flags:
              -h, --[no-]help        Show context-sensitive help.
                  --[no-]version     Show application version.
                  --[no-]loud        Say more.
              -r, --[no-]human       For people.
              -q, --[no-]quiet       Say less.
                  --limit=20         How many.
                  --label=LABEL ...  Labels.

            Args:
              <from>  Where from.
              [<to>]  Where to.

            """);
    assertThat(group.help(80)).contains("usage: tool group [<flags>] <command> [<args> ...]\n");
    assertThat(list.help(80)).startsWith("usage: tool list\n");
  }

  @Test
  void versionAndCompletion() {
    assertThat(parse("--version").request()).isEqualTo(Flags.Request.VERSION);
    Command.Choice choice = parse("--completion-bash group");
    assertThat(choice.request()).isEqualTo(Flags.Request.COMPLETIONS);
    assertThat(choice.command().completions()).contains("copy\n").contains("--human\n");
    assertThat(parse("--completion-script-bash").request())
        .isEqualTo(Flags.Request.COMPLETION_SCRIPT);
    assertThat(tool.completionScript()).contains("complete -F");
  }
}
