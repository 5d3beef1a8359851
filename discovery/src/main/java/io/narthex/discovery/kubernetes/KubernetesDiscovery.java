package io.narthex.discovery.kubernetes;

import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.kubernetes.cluster.ApiServer;
import io.narthex.discovery.kubernetes.cluster.Cluster;
import io.narthex.discovery.kubernetes.cluster.ListWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the objects of a cluster and tells which targets they stand for.
 *
 * <p>Each kind of objects is listed and watched by a thread of its own, in each namespace that is
 * asked for. They tell one thread, that of {@link #run}, which alone knows the world ({@link
 * Targets}): so nothing is locked, and what arrives together is worked off together.
 */
final class KubernetesDiscovery implements Discovery {

  private static final Logger LOG = LoggerFactory.getLogger(KubernetesDiscovery.class);

  /** Until it is tried again to get ready: files may come later. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final KubernetesConfig config;
  private final DiscoveryContext context;
  private final Map<String, String> environment;
  private final Path account;
  private final BlockingQueue<Runnable> news = new LinkedBlockingQueue<>();

  /**
   * Makes it ready.
   *
   * @param environment the variables of this process
   * @param account where the service account of this process lies, if it has one
   */
  KubernetesDiscovery(
      KubernetesConfig config,
      DiscoveryContext context,
      Map<String, String> environment,
      Path account) {
    this.config = config;
    this.context = context;
    this.environment = environment;
    this.account = account;
  }

  /** The kinds of objects that a configuration needs. */
  static Set<Kind> kinds(KubernetesConfig config) {
    EnumSet<Kind> kinds =
        switch (config.role()) {
          case NODE -> EnumSet.of(Kind.NODE);
          case POD -> EnumSet.of(Kind.POD);
          case SERVICE -> EnumSet.of(Kind.SERVICE);
          case INGRESS -> EnumSet.of(Kind.INGRESS);
          case ENDPOINTS -> EnumSet.of(Kind.ENDPOINTS, Kind.SERVICE, Kind.POD);
          case ENDPOINT_SLICE -> EnumSet.of(Kind.ENDPOINT_SLICE, Kind.SERVICE, Kind.POD);
        };
    KubernetesConfig.Attach attach = config.attach();
    if (attach.namespace() && config.role() != Role.NODE) {
      kinds.add(Kind.NAMESPACE);
    }
    if (kinds.contains(Kind.POD)) {
      if (attach.node()) {
        kinds.add(Kind.NODE);
      }
      if (attach.deployment()) {
        kinds.add(Kind.REPLICA_SET);
      }
      if (attach.job() || attach.cronJob()) {
        kinds.add(Kind.JOB);
      }
    }
    return kinds;
  }

  private record Ready(ApiServer server, List<String> namespaces) {}

  @Override
  public void run(Sink sink) throws InterruptedException {
    Ready ready = null;
    while (ready == null) {
      ready = open();
      if (ready == null) {
        context.clock().sleep(PATIENCE);
      }
    }
    List<Thread> threads = new ArrayList<>();
    try (ApiServer server = ready.server;
        Targets targets = new Targets(config, context)) {
      for (Kind kind : kinds(config)) {
        List<String> scopes = kind.resource().namespaced() ? ready.namespaces : List.of("");
        for (String scope : scopes) {
          Informer informer = new Informer(targets, kind, scope);
          targets.expect(kind, scope);
          threads.add(informer.start(server));
        }
      }
      while (true) {
        news.take().run();
        for (Runnable next = news.poll(); next != null; next = news.poll()) {
          next.run();
        }
        targets.tell(sink);
      }
    } finally {
      threads.forEach(Thread::interrupt);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private @Nullable Ready open() {
    try {
      Ready ready = new Ready(new ApiServer(cluster(), context), namespaces());
      context.metrics().opened(this);
      return ready;
    } catch (IOException | IllegalArgumentException e) {
      context.metrics().failed(this);
      LOG.atError()
          .addKeyValue("discovery", "kubernetes")
          .addKeyValue("config", context.job())
          .addKeyValue("err", e.getMessage())
          .log("Cannot create service discovery");
      return null;
    }
  }

  private Cluster cluster() throws IOException {
    if (!config.apiServer().isEmpty()) {
      return new Cluster(config.apiServer(), config.http());
    }
    return config.kubeconfig().isEmpty()
        ? Cluster.around(environment, account)
        : Cluster.ofKubeconfig(Path.of(config.kubeconfig()));
  }

  /** Where to look; one empty name for everywhere. */
  private List<String> namespaces() throws IOException {
    Set<String> names = new LinkedHashSet<>(config.namespaces().names());
    if (config.namespaces().own()) {
      names.add(Cluster.ownNamespace(account));
    }
    return names.isEmpty() ? List.of("") : List.copyOf(names);
  }

  /** Hands what happens to the objects of one kind, in one place, to the thread of the targets. */
  private final class Informer implements ListWatch.Handler<KubeObject> {

    private final Targets targets;
    private final Kind kind;
    private final String scope;

    Informer(Targets targets, Kind kind, String scope) {
      this.targets = targets;
      this.kind = kind;
      this.scope = scope;
    }

    Thread start(ApiServer server) {
      Selector selector = config.selector(kind);
      ListWatch.Selection selection =
          new ListWatch.Selection(kind.resource(), scope, selector.label(), selector.field());
      ListWatch<KubeObject> watch = new ListWatch<>(server, selection, kind.decoder(), this);
      return Thread.ofVirtual()
          .name("kubernetes-" + kind.resource().plural())
          .start(() -> {
            try {
              watch.run();
            } catch (InterruptedException e) {
              LOG.debug("Watch of {} stopped", kind.resource().plural());
            }
          });
    }

    @Override
    public void all(List<KubeObject> objects) {
      news.add(() -> targets.all(kind, scope, objects));
    }

    @Override
    public void put(KubeObject object) {
      news.add(() -> targets.put(kind, object));
    }

    @Override
    public void gone(KubeObject object) {
      news.add(() -> targets.gone(kind, object.key()));
    }
  }
}
