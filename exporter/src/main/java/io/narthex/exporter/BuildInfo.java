package io.narthex.exporter;

import io.narthex.exporter.collector.Page;

/** Says which program wrote the page. */
final class BuildInfo {

  /** The version of node_exporter whose metrics these are. */
  static final String NODE_EXPORTER_VERSION = "1.12.1";

  private BuildInfo() {}

  static void write(Page page) {
    page.gauge(
            "node_exporter_build_info",
            "A metric with a constant '1' value labeled by version, revision, branch, goversion from"
                + " which node_exporter was built, and the goos and goarch for the build.")
        .add(
            1,
            "branch",
            "narthex",
            "goarch",
            System.getProperty("os.arch", ""),
            "goos",
            "linux",
            "goversion",
            "java" + Runtime.version().feature(),
            "revision",
            "",
            "tags",
            "",
            "version",
            NODE_EXPORTER_VERSION);
  }
}
