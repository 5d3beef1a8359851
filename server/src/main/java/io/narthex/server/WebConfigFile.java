package io.narthex.server;

import io.narthex.base.time.Clock;
import io.narthex.net.http.Entrance;
import io.narthex.net.http.HttpException;
import io.narthex.net.web.WebConfigException;
import io.narthex.net.web.WebEntrance;
import java.nio.file.Path;

/** The file of {@code --web.config.file}, which is checked before anything else is opened. */
final class WebConfigFile {

  private WebConfigFile() {}

  /** What is wrong with the file in one line, or the empty text. */
  static String problem(String file) {
    if (file.isEmpty()) {
      return "";
    }
    try {
      WebEntrance.open(Path.of(file), Clock.SYSTEM);
      return "";
    } catch (WebConfigException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /**
   * The entrance that the file describes; an open one without a file.
   *
   * @throws HttpException if the file has become unusable since it was checked
   */
  static Entrance entrance(String file, Clock clock) {
    if (file.isEmpty()) {
      return Entrance.OPEN;
    }
    try {
      return WebEntrance.open(Path.of(file), clock);
    } catch (WebConfigException e) {
      throw new HttpException(String.valueOf(e.getMessage()), e);
    }
  }
}
