package io.narthex.server;

import io.narthex.api.port.ServerView;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Properties;

/**
 * The name and making of the program. Clients choose what they may ask by the version of
 * Prometheus, so that is the version; ours stands beside it.
 */
public final class BuildInfo {

  /** The version of Prometheus whose behaviour this is. */
  public static final String PROMETHEUS_VERSION = "3.14.0";

  private static final Properties BUILD = read();

  private BuildInfo() {}

  private static Properties read() {
    try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Our own version. */
  static String narthexVersion() {
    return BUILD.getProperty("version", "unknown");
  }

  static ServerView.Build build() {
    return new ServerView.Build(
        PROMETHEUS_VERSION,
        "narthex-" + narthexVersion(),
        "narthex",
        "narthex",
        BUILD.getProperty("date", "unknown"),
        "java" + Runtime.version());
  }

  static String os() {
    return System.getProperty("os.name", "unknown").toLowerCase(Locale.ROOT);
  }

  static String architecture() {
    String name = System.getProperty("os.arch", "unknown");
    return name.equals("aarch64") ? "arm64" : name;
  }

  /** What {@code --version} prints. */
  public static String text(String program) {
    ServerView.Build build = build();
    return """
    %s, version %s (branch: %s, revision: %s)
      build user:       %s
      build date:       %s
      go version:       %s
      platform:         %s/%s
      tags:             narthex %s
    """
        .formatted(
            program,
            build.version(),
            build.branch(),
            build.revision(),
            build.buildUser(),
            build.buildDate(),
            build.goVersion(),
            os(),
            architecture(),
            narthexVersion());
  }
}
