package io.narthex.discovery.kubernetes;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.kubernetes.cluster.Cluster;
import io.narthex.discovery.section.Section;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.url.Url;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Where to look for objects of a Kubernetes cluster.
 *
 * @param apiServer the API server, as a URL; empty for the cluster that this process runs in
 * @param role which objects become targets
 * @param kubeconfig a file that says how to reach the cluster, empty for none
 * @param http how to speak HTTP to the API server
 * @param namespaces where to look
 * @param selectors which objects to look at
 * @param attach what else is told of a target
 */
public record KubernetesConfig(
    String apiServer,
    Role role,
    String kubeconfig,
    HttpClientConfig http,
    Namespaces namespaces,
    List<Selector> selectors,
    Attach attach)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "kubernetes_sd_configs";

  public KubernetesConfig {
    selectors = List.copyOf(selectors);
  }

  /**
   * Where to look; everywhere if neither is given.
   *
   * @param own whether in the namespace of this process
   * @param names these namespaces
   */
  public record Namespaces(boolean own, List<String> names) {

    static final Namespaces ALL = new Namespaces(false, List.of());

    public Namespaces {
      names = List.copyOf(names);
    }

    static Namespaces decode(YamlValue value) {
      YamlMap map = value.map("kubernetes.plain");
      Namespaces namespaces = new Namespaces(map.bool("own_namespace", false), map.texts("names"));
      map.finish();
      return namespaces;
    }

    void write(YamlWriter.Map out) {
      out.bool("own_namespace", own);
      out.textsOrNone("names", names);
    }
  }

  /** Whose labels and annotations are attached to the targets that belong to them. */
  public record Attach(
      boolean node, boolean namespace, boolean deployment, boolean job, boolean cronJob) {

    static final Attach NOTHING = new Attach(false, false, false, false, false);

    static Attach decode(YamlValue value) {
      YamlMap map = value.map("kubernetes.AttachMetadataConfig");
      Attach attach =
          new Attach(
              map.bool("node", false),
              map.bool("namespace", false),
              map.bool("deployment", false),
              map.bool("job", false),
              map.bool("cronjob", false));
      map.finish();
      return attach;
    }

    void write(YamlWriter.Map out) {
      out.bool("node", node);
      out.bool("namespace", namespace);
      out.flag("deployment", deployment);
      out.flag("job", job);
      out.flag("cronjob", cronJob);
    }
  }

  /** Reads one configuration. */
  public static KubernetesConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "kubernetes.plain");
    String apiServer = map.text("api_server", "");
    Role role = map.optional("role", Role::decode);
    String kubeconfig = map.file("kubeconfig_file");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Namespaces namespaces = map.value("namespaces", Namespaces.ALL, Namespaces::decode);
    List<Selector> selectors =
        map.list("selectors", "[]kubernetes.SelectorConfig", Selector::decode);
    Attach attach = map.value("attach_metadata", Attach.NOTHING, Attach::decode);
    map.finish();
    if (role == null) {
      throw map.self()
          .error("role missing (one of: pod, service, endpoints, endpointslice, node, ingress)");
    }
    Url.parse(map.self(), apiServer);
    KubernetesConfig config =
        new KubernetesConfig(
            apiServer, role, kubeconfig, http.complete(), namespaces, selectors, attach);
    String problem = config.problem();
    if (problem.isEmpty()) {
      problem = config.problemOfSelectors();
    }
    if (!problem.isEmpty()) {
      throw map.self().error(problem);
    }
    return config;
  }

  private String problem() {
    boolean custom = !http.equals(HttpClientConfig.DEFAULT);
    if (!apiServer.isEmpty() && !kubeconfig.isEmpty()) {
      return "cannot use 'kubeconfig_file' and 'api_server' simultaneously";
    }
    if (!kubeconfig.isEmpty() && custom) {
      return "cannot use a custom HTTP client configuration together with 'kubeconfig_file'";
    }
    if (apiServer.isEmpty() && custom) {
      return "to use custom HTTP client configuration please provide the 'api_server' URL"
          + " explicitly";
    }
    if (!apiServer.isEmpty() && namespaces.own) {
      return "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously";
    }
    if (!kubeconfig.isEmpty() && namespaces.own) {
      return "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously";
    }
    return "";
  }

  private String problemOfSelectors() {
    Set<Role> seen = EnumSet.noneOf(Role.class);
    List<Role> allowed = role.selectable();
    for (Selector selector : selectors) {
      Role selected = selector.role();
      if (selected != null && !seen.add(selected)) {
        return "duplicated selector role: " + selected.text();
      }
      if (selected == null || !allowed.contains(selected)) {
        return role.text()
            + " role supports only "
            + String.join(", ", allowed.stream().map(Role::text).toList())
            + " selectors";
      }
      String problem = selector.problem();
      if (!problem.isEmpty()) {
        return problem;
      }
    }
    return "";
  }

  /** Which objects of a kind are looked at. */
  Selector selector(Kind kind) {
    for (Selector selector : selectors) {
      if (selector.role() != null && selector.role().kind() == kind) {
        return selector;
      }
    }
    return Selector.ALL;
  }

  @Override
  public String mechanism() {
    return "kubernetes";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new KubernetesDiscovery(this, context, System.getenv(), Cluster.SERVICE_ACCOUNT);
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.text("api_server", Url.redacted(apiServer));
    out.put("role", role.text());
    out.put("kubeconfig_file", kubeconfig);
    http.write(out);
    if (!namespaces.equals(Namespaces.ALL)) {
      out.map("namespaces", namespaces::write);
    }
    out.maps("selectors", selectors, Selector::write);
    if (!attach.equals(Attach.NOTHING)) {
      out.map("attach_metadata", attach::write);
    }
  }
}
