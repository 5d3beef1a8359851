package io.narthex.discovery.openstack;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A cloud with an identity service and a catalogue; the format: OpenStack's references "Identity
 * API v3", "Compute API" (Nova), "Networking API v2.0" (Neutron) and "Load Balancer API v2"
 * (Octavia).
 */
abstract class OpenStackAcceptance extends StubAcceptance {

  static final String TOKEN = "gAAAAABtoken";

  private final String role;

  /** The lists by their paths; each as the member of an answer. */
  final Map<String, String> lists = new ConcurrentHashMap<>();

  OpenStackAcceptance(String role) {
    this.role = role;
  }

  @Override
  protected String peer() {
    return "prometheus242";
  }

  @Override
  protected String section(String url) {
    return section(url, "");
  }

  /** A section with more keys. */
  final String section(String url, String more) {
    return """
    openstack_sd_configs:
    - identity_endpoint: %s/identity/v3
      username: me
      password: secret
      domain_name: Default
      project_name: demo
      region: RegionOne
      port: 9100
      role: %s
    %s
    """
        .formatted(url, role, more.indent(2));
  }

  private String endpoint(String kind, String region, String path) {
    return """
    {"interface": "%s", "region": "%s", "region_id": "%s", "id": "x", "url": "%s%s"}
    """
        .formatted(kind, region, region, stub.url(), path);
  }

  private String service(String type, String path) {
    return """
    {"type": "%s", "name": "%s", "id": "y", "endpoints": [%s, %s, %s]}
    """
        .formatted(
            type,
            type,
            endpoint("public", "RegionTwo", "/elsewhere"),
            endpoint("internal", "RegionOne", "/internal" + path),
            endpoint("public", "RegionOne", path));
  }

  private Stub.Answer token(Stub.Asked asked) {
    String catalog =
        service("identity", "/identity")
            + ","
            + service("compute", "/compute/v2.1")
            + ","
            + service("network", "/network")
            + ","
            + service("load-balancer", "/load-balancer");
    return asked.body().contains("\"secret\"")
        ? new Stub.Answer(
            201,
            "application/json",
            "{\"token\": {\"methods\": [\"password\"], \"expires_at\": \"2099-11-07T01:58:43.578929Z\", \"catalog\": ["
                + catalog
                + "]}}",
            Map.of("X-Subject-Token", TOKEN))
        : Stub.Answer.status(401, "The request you have made requires authentication.");
  }

  /** Answers with the lists. */
  final void serve() {
    stub.answer(asked -> {
      if (asked.path().equals("/identity/v3/auth/tokens")) {
        return token(asked);
      }
      String list = lists.get(asked.path());
      if (list == null) {
        return Stub.Answer.status(404, "no " + asked.path());
      }
      return asked.header("X-Auth-Token").equals(TOKEN)
          ? Stub.Answer.json("{" + list + "}")
          : Stub.Answer.status(401, "who are you?");
    });
  }

  /** Elements of a list. */
  static String elements(int count, java.util.function.IntFunction<String> element) {
    return IntStream.rangeClosed(1, count).mapToObj(element).collect(Collectors.joining(","));
  }

  final List<TargetGroup> refresh(String section) throws Exception {
    return refresh(section, Map.of());
  }

  final List<TargetGroup> refresh(String section, Map<String, String> environment)
      throws Exception {
    try (OpenStackSource source =
        new OpenStackSource((OpenStackConfig) config(section), context, environment)) {
      return source.refresh();
    }
  }

  final List<Labels> targets() throws Exception {
    return refresh(section(stub.url())).getFirst().targets();
  }
}
