package io.narthex.app;

import io.narthex.base.lifecycle.Machine;
import io.narthex.base.log.LogProvider;
import io.narthex.base.memory.HeapTrimmer;
import io.narthex.base.time.Clock;
import io.narthex.exporter.NodeExporter;
import io.narthex.server.PrometheusRole;
import io.narthex.tools.promtool.Promtool;
import io.narthex.tools.repair.TsdbCommand;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Picks the role: by the name that the program was started under, else by its first argument. */
public final class Narthex {

  /** A program in the program. */
  @FunctionalInterface
  interface Role {
    /** Runs it and returns its exit code. */
    int run(List<String> arguments, PrintStream out, PrintStream err);
  }

  private record Entry(String summary, Role role) {}

  private static final Map<String, Entry> ROLES = roles();

  /** Programs whose place is taken later; asking for one is answered by name. */
  private static final List<String> LATER =
      List.of(
          "alertmanager",
          "amtool",
          "sidecar",
          "query",
          "query-frontend",
          "store",
          "compact",
          "rule",
          "receive",
          "thanos",
          "operator",
          "adapter",
          "autoscaler",
          "metrics-server",
          "recommender");

  private Narthex() {}

  private static Map<String, Entry> roles() {
    Map<String, Entry> roles = new LinkedHashMap<>();
    roles.put(
        "up",
        new Entry(
            "everything for this machine: a server that scrapes itself and the machine", Up::run));
    roles.put(
        "prometheus",
        new Entry(
            "scrape, store, query, draw",
            (arguments, out, err) ->
                PrometheusRole.run(
                    Machine.SYSTEM, arguments, out, err, router -> {}, address -> {})));
    roles.put("node_exporter", new Entry("the metrics of the machine", NodeExporter::run));
    // Not method references: those load their classes here, which a server has no use for.
    roles.put(
        "promtool",
        new Entry(
            "look into a data directory, make blocks (so far: promtool tsdb)",
            (arguments, out, err) -> Promtool.run(arguments, out, err)));
    roles.put(
        "tsdb",
        new Entry(
            "check and mend a data directory: narthex tsdb repair",
            (arguments, out, err) -> TsdbCommand.run(arguments, out, err)));
    roles.put(
        "completion",
        new Entry("print shell completion: narthex completion bash", Completion::run));
    return roles;
  }

  static List<String> names() {
    return List.copyOf(ROLES.keySet());
  }

  public static void main(String[] args) {
    LogProvider.use();
    if (Boolean.getBoolean("narthex.trim")) {
      HeapTrimmer.start(Clock.SYSTEM);
    }
    int code =
        run(
            System.getProperty("narthex.invoked", "narthex"),
            Arrays.asList(args),
            System.out,
            System.err);
    System.out.flush();
    // A role that has ended leaves nothing behind that must be waited for.
    System.exit(code);
  }

  static int run(String invoked, List<String> arguments, PrintStream out, PrintStream err) {
    String byName = program(invoked);
    if (ROLES.containsKey(byName) || LATER.contains(byName)) {
      return start(byName, arguments, out, err);
    }
    if (arguments.isEmpty() || List.of("-h", "--help", "help").contains(arguments.getFirst())) {
      (arguments.isEmpty() ? err : out).print(help());
      return arguments.isEmpty() ? 2 : 0;
    }
    if (arguments.getFirst().equals("--version")) {
      out.println("narthex, version " + Version.text());
      return 0;
    }
    return start(arguments.getFirst(), arguments.subList(1, arguments.size()), out, err);
  }

  /** Debian calls its packages prometheus-node-exporter and the like. */
  private static String program(String invoked) {
    return switch (invoked) {
      case "prometheus-node-exporter", "node-exporter" -> "node_exporter";
      case "prometheus-alertmanager" -> "alertmanager";
      default -> invoked;
    };
  }

  private static int start(String name, List<String> arguments, PrintStream out, PrintStream err) {
    Entry entry = ROLES.get(program(name));
    if (entry != null) {
      return entry.role.run(arguments, out, err);
    }
    if (LATER.contains(program(name))) {
      err.println("narthex: the role " + name + " is not part of Narthex yet");
    } else {
      err.println(
          "narthex: unknown role '" + name + "', expected one of " + String.join(", ", names()));
    }
    return 2;
  }

  private static String help() {
    StringBuilder help = new StringBuilder("usage: narthex ROLE [FLAGS]\n\nroles:\n");
    ROLES.forEach((name, entry) -> help.append("  %-15s %s%n".formatted(name, entry.summary)));
    return help.append(
            "\nnarthex ROLE --help lists the flags of a role. A symlink to narthex that is named like"
                + " a role is that role.\n")
        .toString();
  }
}
