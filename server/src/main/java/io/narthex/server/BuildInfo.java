package io.narthex.server;

import io.narthex.api.port.ServerView;

/** The name and making of the program. */
final class BuildInfo {

  /** The version of Prometheus whose behaviour this is. */
  static final String PROMETHEUS_VERSION = "3.14.0";

  private static final String UNKNOWN = "unknown";

  private BuildInfo() {}

  static ServerView.Build build() {
    return new ServerView.Build(
        PROMETHEUS_VERSION,
        property("narthex.revision"),
        property("narthex.branch"),
        "narthex",
        property("narthex.date"),
        javaVersion());
  }

  /** What {@code --version} prints. */
  static String text(String program) {
    return program
        + ", version "
        + PROMETHEUS_VERSION
        + " (branch: narthex, revision: "
        + property("narthex.revision")
        + ")\n  build user:       narthex "
        + narthexVersion()
        + "\n  build date:       "
        + property("narthex.date")
        + "\n  go version:       "
        + javaVersion()
        + "\n  platform:         "
        + System.getProperty("os.name", UNKNOWN).toLowerCase(java.util.Locale.ROOT)
        + "/"
        + System.getProperty("os.arch", UNKNOWN)
        + "\n  tags:             narthex\n";
  }

  private static String narthexVersion() {
    String version = BuildInfo.class.getPackage().getImplementationVersion();
    return version == null ? System.getProperty("narthex.version", UNKNOWN) : version;
  }

  private static String javaVersion() {
    return "java" + Runtime.version();
  }

  private static String property(String name) {
    return System.getProperty(name, UNKNOWN);
  }
}
