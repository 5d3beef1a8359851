package io.narthex.app;

import io.narthex.base.lifecycle.Machine;
import io.narthex.base.time.Clock;
import io.narthex.exporter.NodeExporter;
import io.narthex.server.PrometheusRole;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The role {@code up}: a server that scrapes itself and the machine it runs on, so that a newcomer
 * has graphs at once. It is the role {@code prometheus} with a configuration of its own making and
 * the node metrics under {@code /node/metrics}; whatever flags are given go to that role.
 */
final class Up {

  private static final String NODE_PATH = "/node/metrics";
  private static final String DEFAULT_PORT = "9090";

  private Up() {}

  static int run(List<String> arguments, PrintStream out, PrintStream err) {
    List<String> all = new ArrayList<>(arguments);
    boolean asks = arguments.contains("--help") || arguments.contains("--version");
    if (value(arguments, "--config.file").isEmpty() && !asks) {
      try {
        all.add("--config.file=" + writeConfiguration(arguments));
      } catch (IOException e) {
        err.println("narthex up: cannot write its configuration: " + e);
        return 1;
      }
    }
    if (!arguments.contains("--web.enable-lifecycle")) {
      all.add("--web.enable-lifecycle");
    }
    return PrometheusRole.run(
        Machine.SYSTEM,
        all,
        out,
        err,
        router -> router.get(NODE_PATH, NodeExporter.handler(Clock.SYSTEM)),
        address -> {
          out.println("\nNarthex is up: " + address + "\nCtrl-C stops it.\n");
          out.flush();
        });
  }

  /** Made anew at each start, because the port may be another. */
  private static Path writeConfiguration(List<String> arguments) throws IOException {
    String data = value(arguments, "--storage.tsdb.path");
    Path folder = Path.of(data.isEmpty() ? "data" : data);
    Files.createDirectories(folder);
    Path file = folder.resolve("up.yml");
    String port = port(value(arguments, "--web.listen-address"));
    Files.writeString(
        file,
        """
        # Made by "narthex up" at each start. To make it yours, copy it and start with --config.file=COPY.
        global:
          scrape_interval: 5s
          scrape_timeout: 5s
          evaluation_interval: 15s
        scrape_configs:
          - job_name: prometheus
            static_configs:
              - targets: ['localhost:%1$s']
                labels:
                  instance: '%2$s'
          - job_name: node
            metrics_path: %3$s
            static_configs:
              - targets: ['localhost:%1$s']
                labels:
                  instance: '%2$s'
        """
            .formatted(port, hostname(), NODE_PATH));
    return file;
  }

  private static String port(String address) {
    return address.isEmpty() ? DEFAULT_PORT : address.substring(address.lastIndexOf(':') + 1);
  }

  private static String hostname() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  /** The value of a flag as {@code --flag=value} or {@code --flag value}, or empty. */
  private static String value(List<String> arguments, String flag) {
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.startsWith(flag + "=")) {
        return argument.substring(flag.length() + 1);
      }
      if (argument.equals(flag) && i + 1 < arguments.size()) {
        return arguments.get(i + 1);
      }
    }
    return "";
  }
}
