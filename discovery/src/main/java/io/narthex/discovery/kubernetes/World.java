package io.narthex.discovery.kubernetes;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All objects that are known, and which of them each group of targets was made of. Whoever makes a
 * group looks objects up here, found or not, and that is noted: when one of them comes, changes or
 * goes, the group is to be made again. So no group can be forgotten, whatever it depends on. For
 * one thread.
 */
final class World {

  private record Use(Kind kind, String key) {}

  private final Map<Kind, Map<String, KubeObject>> objects = new EnumMap<>(Kind.class);
  private final Map<String, Set<Use>> uses = new HashMap<>();
  private final Map<Use, Set<String>> users = new HashMap<>();

  /** What was looked up for the group that is being made. */
  private Set<Use> noted = new HashSet<>();

  World() {
    for (Kind kind : Kind.values()) {
      objects.put(kind, new HashMap<>());
    }
  }

  private Map<String, KubeObject> of(Kind kind) {
    return objects.getOrDefault(kind, Map.of());
  }

  /** All objects of a kind; not to be changed. */
  Collection<KubeObject> all(Kind kind) {
    return Collections.unmodifiableCollection(of(kind).values());
  }

  /** An object as it is known; null if there is none. */
  @Nullable KubeObject get(Kind kind, String key) {
    return of(kind).get(key);
  }

  /** An object that a group is made of besides; null if there is none. */
  <T extends KubeObject> @Nullable T find(Kind kind, String key, Class<T> type) {
    noted.add(new Use(kind, key));
    KubeObject found = of(kind).get(key);
    return found == null ? null : type.cast(found);
  }

  /** Makes a group, and remembers what of. */
  <T> T making(String group, Supplier<T> maker) {
    noted = new HashSet<>();
    T made = maker.get();
    Set<Use> before = noted.isEmpty() ? uses.remove(group) : uses.put(group, noted);
    if (before != null) {
      before.removeAll(noted);
      before.forEach(use -> forget(use, group));
    }
    noted.forEach(use -> users.computeIfAbsent(use, u -> new HashSet<>(2)).add(group));
    return made;
  }

  private void forget(Use use, String group) {
    users.computeIfPresent(
        use,
        (u, groups) -> {
          groups.remove(group);
          return groups.isEmpty() ? null : groups;
        });
  }

  /** Calls for each group that an object is part of. */
  void forUsers(Kind kind, String key, Consumer<String> group) {
    users.getOrDefault(new Use(kind, key), Set.of()).forEach(group);
  }

  /** Takes an object in place of one of the same key. */
  void put(Kind kind, KubeObject object) {
    of(kind).put(object.key(), object);
  }

  /** Removes an object; returns what was there before. */
  @Nullable KubeObject remove(Kind kind, String key) {
    return of(kind).remove(key);
  }
}
