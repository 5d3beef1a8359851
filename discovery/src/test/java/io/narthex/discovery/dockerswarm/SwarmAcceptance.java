package io.narthex.discovery.dockerswarm;

import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.moby.RecordedDaemon;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the three roles have in common: their section, and a stub that is a manager. */
abstract class SwarmAcceptance extends StubAcceptance {

  static final String NETWORKS =
      """
      [{"Id": "n1", "Name": "front", "Scope": "swarm", "Internal": false, "Ingress": true,
        "Labels": {"my.key": "v"}}]
      """;

  private final String role;

  /** Further keys of the section. */
  String more = "";

  SwarmAcceptance(String role) {
    this.role = role;
  }

  @Override
  protected final String section(String url) {
    return "dockerswarm_sd_configs: [{host: '" + url + "', role: " + role + more + "}]";
  }

  final List<TargetGroup> refresh() throws IOException {
    try (Swarm swarm = new Swarm((DockerSwarmConfig) config(section(stub.url())), context)) {
      return swarm.refresh();
    }
  }

  final List<String> addresses() throws IOException {
    return refresh().getFirst().targets().stream()
        .map(target -> target.getOrEmpty("__address__"))
        .toList();
  }

  final void serve(Map<String, String> answers) {
    RecordedDaemon.serve(stub, answers);
  }

  /** As many as wanted of a pattern, with their numbers for {@code #}. */
  static String list(int count, String pattern) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> pattern.replace("#", "" + i))
        .collect(Collectors.joining(",", "[", "]"));
  }
}
