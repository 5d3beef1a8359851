package io.narthex.api.port;

import java.util.List;
import java.util.Map;

/** The server as the API shows and steers it. Thread-safe. */
public interface ServerView {

  /** Where in its life the server is. */
  enum State {
    STARTING,
    READY,
    STOPPING
  }

  /** The name and making of the program. */
  record Build(
      String version,
      String revision,
      String branch,
      String buildUser,
      String buildDate,
      String goVersion) {}

  /**
   * How the program runs. Times are milliseconds since the epoch.
   *
   * @param goroutines the number of threads
   * @param processors the processors it uses
   * @param memoryLimit bytes
   * @param storageRetention as a duration of Prometheus, or a size, or both
   */
  record Runtime(
      long startTime,
      String workingDirectory,
      String hostname,
      boolean reloadSuccess,
      long lastReload,
      long corruptions,
      int goroutines,
      int processors,
      long memoryLimit,
      String storageRetention) {}

  /** Something that the operator should know. */
  record Notification(String text, long date, boolean active) {}

  State state();

  Build build();

  Runtime runtime();

  /** The configuration in force, secrets hidden. */
  String configuration();

  /** All flags with their values. */
  Map<String, String> flags();

  /** The notifications that are active. */
  List<Notification> notifications();

  /** The features of this program, by category. */
  Map<String, Map<String, Boolean>> features();

  /**
   * Reads the configuration again and puts it in force.
   *
   * @throws RuntimeException whose message says what is wrong; the old one stays in force
   */
  void reload();

  /** Begins to end the program. */
  void quit();
}
