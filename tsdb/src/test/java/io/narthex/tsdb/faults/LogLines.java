package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What the database says in its log. */
final class LogLines implements AutoCloseable {

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.narthex.tsdb");
  private final @Nullable Level before = logger.getLevel();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  LogLines() {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
  }

  List<String> all() {
    synchronized (lines) {
      return List.copyOf(lines.list).stream()
          .map(event ->
              event.getLevel()
                  + " "
                  + event.getFormattedMessage()
                  + (event.getKeyValuePairs() == null ? "" : " " + event.getKeyValuePairs()))
          .toList();
    }
  }

  /** Some line has all these words. */
  void assertSays(String... words) {
    assertThat(all()).anySatisfy(line -> assertThat(line).contains(words).doesNotContain("\n"));
  }

  long count(String words) {
    return all().stream().filter(line -> line.contains(words)).count();
  }

  @Override
  public void close() {
    logger.detachAppender(lines);
    logger.setLevel(before);
  }
}
