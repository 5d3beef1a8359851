package io.narthex.discovery.fixed;

import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.StaticGroup;
import io.narthex.discovery.TargetGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * All static groups of one job, numbered in order.
 *
 * @param groups the groups as they are written
 */
public record StaticConfig(List<StaticGroup> groups) implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "static_configs";

  public StaticConfig {
    groups = List.copyOf(groups);
  }

  /** Reads the list that stands under the key. */
  public static StaticConfig decode(YamlValue value) {
    return new StaticConfig(
        value.list(
            "[]*targetgroup.Group",
            group -> {
              if (group.isNull()) {
                throw group.error("empty or null section in static_configs");
              }
              return StaticGroup.decode(group);
            }));
  }

  @Override
  public String mechanism() {
    return "static";
  }

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    List<TargetGroup> found = new ArrayList<>();
    for (StaticGroup group : groups) {
      found.add(group.toTargetGroup(Integer.toString(found.size())));
    }
    return new Discovery() {
      @Override
      public List<TargetGroup> known() {
        return List.copyOf(found);
      }

      @Override
      public void run(Sink sink) {
        // Nothing ever changes.
      }
    };
  }

  /** Each group is an element of its own, so one configuration prints as many. */
  @Override
  public void write(YamlWriter.Map out) {
    out.maps(KEY, groups, StaticGroup::write);
  }
}
