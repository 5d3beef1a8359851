package io.narthex.base.glob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GlobTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "a, a, true", "a, b, false", "*, abc, true", "*, '', true", "*.yml, a.yml, true",
    "*.yml, a.yaml, false", "a*c*e, abcde, true", "a*c*e, abcd, false", "?, a, true",
        "?, '', false",
    "[a-c]x, bx, true", "[^a-c]x, bx, false", "[a\\]]x, ]x, true", "\\*, *, true", "\\*, a, false",
    "'{a,b}', a, false", "*, .hidden, true", "a*, a, true", "*a*, bab, true"
  })
  void matches(String pattern, String name, boolean matches) {
    assertThat(Glob.matches(pattern, name)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "[a", "a\\", "[]", "x/[a"})
  void malformedPatternsAreRefused(String pattern) {
    assertThatThrownBy(() -> Glob.find(pattern)).hasMessage("syntax error in pattern");
  }

  @Test
  void findsFilesSorted() throws IOException {
    Path sub = Files.createDirectory(folder.resolve("sub"));
    Path b = Files.createFile(sub.resolve("b.json"));
    Path a = Files.createFile(sub.resolve("a.json"));
    Files.createFile(sub.resolve("c.txt"));
    assertThat(Glob.find(folder + "/sub/*.json")).containsExactly(a, b);
    assertThat(Glob.find(folder + "/*/a.json")).containsExactly(a);
    assertThat(Glob.find(a.toString())).containsExactly(a);
    assertThat(Glob.find(folder + "/absent/*.json")).isEmpty();
    assertThat(Glob.find(folder + "/absent.json")).isEmpty();
  }
}
