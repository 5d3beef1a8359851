package io.narthex.discovery.kubernetes;

import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.metrics.KubernetesMetrics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The groups of targets, as the objects stand at any moment. A group is looked at again when one of
 * the objects it is made of has changed, and told only if it has changed itself. Nothing is told of
 * a namespace before all kinds of objects in it are known, else there would be targets without
 * their labels. For one thread.
 */
final class Targets implements AutoCloseable {

  private static final String EVERYWHERE = "";

  /** Objects of one kind in one namespace, or everywhere. */
  private record Part(Kind kind, String scope) {}

  private final World world = new World();
  private final Groups groups;
  private final Role role;
  private final KubernetesMetrics metrics;
  private final KubernetesMetrics.Queue counts;
  private final DiscoveryContext context;

  /** Which parts have not been listed yet. */
  private final Set<Part> missing = new HashSet<>();

  /** The namespaces in which the objects lie that groups are made for. */
  private final Set<String> scopes = new HashSet<>();

  /** Those of which everything is known. */
  private final Set<String> known = new HashSet<>();

  /** The keys of objects whose groups are to be looked at, and since when. */
  private final Map<String, Long> queue = new LinkedHashMap<>();

  /** The groups as they were told, but for those without targets. */
  private final Map<String, TargetGroup> told = new HashMap<>();

  private boolean toldAnything;

  Targets(KubernetesConfig config, DiscoveryContext context) {
    this.role = config.role();
    this.context = context;
    this.groups = new Groups(world, config.attach());
    this.metrics = context.metrics().kubernetes();
    this.counts = metrics.queue(role.text(), context.clock()::nanos);
  }

  /** Objects of this kind will be told. */
  void expect(Kind kind, String scope) {
    missing.add(new Part(kind, scope));
    if (kind == role.kind()) {
      scopes.add(scope);
    }
  }

  /** These are all objects of this kind and namespace. */
  void all(Kind kind, String scope, List<KubeObject> objects) {
    Set<String> gone = new HashSet<>();
    for (KubeObject object : world.all(kind)) {
      if (isWithin(scope, object.key())) {
        gone.add(object.key());
      }
    }
    for (KubeObject object : objects) {
      gone.remove(object.key());
      put(kind, object);
    }
    gone.forEach(key -> gone(kind, key));
    if (missing.remove(new Part(kind, scope))) {
      listed();
    }
  }

  private static boolean isWithin(String scope, String key) {
    return scope.equals(EVERYWHERE) || key.startsWith(scope + "/");
  }

  private void listed() {
    for (String scope : scopes) {
      boolean complete =
          missing.stream()
              .noneMatch(part -> part.scope.equals(scope) || part.scope.equals(EVERYWHERE));
      if (complete && known.add(scope)) {
        for (KubeObject object : world.all(role.kind())) {
          if (isWithin(scope, object.key())) {
            lookAt(object.key());
          }
        }
      }
    }
  }

  /** An object is new or has changed. */
  void put(Kind kind, KubeObject object) {
    KubeObject before = world.get(kind, object.key());
    count(kind, before == null ? "add" : "update");
    if (!object.equals(before)) {
      world.put(kind, object);
      touched(kind, object.key());
    }
  }

  /** An object is gone. */
  void gone(Kind kind, String key) {
    if (world.remove(kind, key) != null) {
      count(kind, "delete");
      touched(kind, key);
    }
  }

  /** Counts what upstream handles as an event: not what is only attached. */
  private void count(Kind kind, String event) {
    if (kind == role.kind()) {
      metrics.event(role.text(), event);
    } else if (kind == Kind.SERVICE) {
      metrics.event(Role.SERVICE.text(), event);
    }
  }

  private void touched(Kind kind, String key) {
    if (kind == role.kind()) {
      lookAt(key);
    }
    world.forUsers(kind, key, this::lookAt);
  }

  private void lookAt(String key) {
    boolean isKnown = known.contains(EVERYWHERE);
    if (!isKnown) {
      int slash = key.indexOf('/');
      isKnown = slash >= 0 && known.contains(key.substring(0, slash));
    }
    if (isKnown && queue.putIfAbsent(key, context.clock().nanos()) == null) {
      counts.added();
    }
  }

  /** Tells what has changed, once all is known of some namespace. */
  void tell(Discovery.Sink sink) {
    List<TargetGroup> changes = new ArrayList<>();
    queue.forEach((key, since) -> {
      counts.begun(since);
      TargetGroup group = group(key);
      if (hasChanged(group)) {
        changes.add(group);
      }
      counts.done();
    });
    queue.clear();
    boolean isFirst = !toldAnything && !known.isEmpty();
    if (!changes.isEmpty() || isFirst) {
      toldAnything = true;
      sink.update(changes);
    }
  }

  private TargetGroup group(String key) {
    String source = role.source(key);
    @Nullable KubeObject object = world.get(role.kind(), key);
    return world.making(
        key, () -> object == null ? Groups.nothing(source) : groups.group(source, object));
  }

  private boolean hasChanged(TargetGroup group) {
    TargetGroup before =
        group.targets().isEmpty() ? told.remove(group.source()) : told.put(group.source(), group);
    return group.targets().isEmpty() ? before != null : !group.equals(before);
  }

  @Override
  public void close() {
    counts.close();
  }
}
