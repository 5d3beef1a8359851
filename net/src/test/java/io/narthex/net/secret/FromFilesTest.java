package io.narthex.net.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.testkit.FakeClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FromFilesTest {

  private final FakeClock clock = new FakeClock(1_790_000_000_000L);
  @TempDir private Path folder;
  private Path file;
  private int made;

  @BeforeEach
  void start() throws IOException {
    file = folder.resolve("secret");
    write("one", 3600);
  }

  /** Writes the file with a time so long before now. */
  private void write(String text, long secondsAgo) throws IOException {
    Files.writeString(file, text);
    Instant then = Instant.ofEpochMilli(clock.millis()).minusSeconds(secondsAgo);
    Files.setLastModifiedTime(file, FileTime.from(then));
  }

  private FromFiles<String> secret(FromFiles.WhenBroken whenBroken) {
    return new FromFiles<>(
        clock,
        List.of(new FromFiles.Source("no secret", file.toString())),
        whenBroken,
        contents -> {
          made++;
          String text = new String(contents.getFirst(), StandardCharsets.UTF_8);
          if (text.equals("bad")) {
            throw new IOException("of no use");
          }
          return text;
        });
  }

  private void later() {
    clock.advance(Duration.ofMillis(251));
  }

  @Test
  void looksOnlyNowAndThen() throws Exception {
    FromFiles<String> secret = secret(FromFiles.WhenBroken.FAIL);
    assertThat(secret.get()).isEqualTo("one");
    Files.delete(file);
    clock.advance(Duration.ofMillis(249));
    assertThat(secret.get()).as("not looked at yet").isEqualTo("one");
    later();
    assertThatThrownBy(secret::get)
        .hasMessage(
            "no secret: unable to read file "
                + file
                + ": open "
                + file
                + ": no such file or directory");
    write("two", 60);
    assertThat(secret.get()).as("mended at once").isEqualTo("two");
  }

  @Test
  void theSameContentIsTheSameValue() throws Exception {
    FromFiles<String> secret = secret(FromFiles.WhenBroken.FAIL);
    String first = secret.get();
    write("one", 60);
    later();
    assertThat(secret.get()).isSameAs(first);
    assertThat(made).isEqualTo(1);
  }

  @Test
  void aYoungFileIsReadAgainThoughItsTimeIsTheSame() throws Exception {
    write("one", 0);
    FromFiles<String> secret = secret(FromFiles.WhenBroken.FAIL);
    assertThat(secret.get()).isEqualTo("one");
    FileTime time = Files.getLastModifiedTime(file);
    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, time);
    later();
    assertThat(secret.get()).isEqualTo("two");
  }

  @Test
  void goesOnWithTheOldIfTold() throws Exception {
    FromFiles<String> secret = secret(FromFiles.WhenBroken.KEEP);
    assertThat(secret.get()).isEqualTo("one");
    write("bad", 60);
    later();
    assertThat(secret.get()).isEqualTo("one");
    write("two", 30);
    later();
    assertThat(secret.get()).isEqualTo("two");
    write("bad", 20);
    assertThat(secret.renew()).isFalse();
    assertThat(secret.get()).isEqualTo("two");
  }

  @Test
  void renewsAtOnceWhenAsked() throws Exception {
    FromFiles<String> secret = secret(FromFiles.WhenBroken.FAIL);
    assertThat(secret.get()).isEqualTo("one");
    assertThat(secret.renew()).isFalse();
    write("two", 60);
    assertThat(secret.renew()).isTrue();
    assertThat(secret.get()).isEqualTo("two");
  }

  @Test
  void theFirstFailureIsAlwaysSaid() throws Exception {
    write("bad", 60);
    assertThatThrownBy(secret(FromFiles.WhenBroken.KEEP)::get).hasMessage("of no use");
  }
}
