package io.narthex.discovery.section;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;

/** Rules that several sections share. */
public final class Section {

  private Section() {}

  /**
   * The section as a map.
   *
   * @param key the key of the list that the section stands in
   * @param goType the name of the type in messages
   */
  public static YamlMap open(YamlValue value, String key, String goType) {
    if (value.isNull()) {
      throw value.error("empty or null section in " + key);
    }
    return value.map(goType);
  }

  /** Whether a key has a value that is not empty. */
  public static boolean isSet(YamlMap map, String key) {
    YamlValue value = map.get(key);
    return value != null && !value.isNull() && !value.isEmpty();
  }

  /** Checks that one of two texts is given and not the other. */
  public static void exactlyOne(
      YamlMap map, String first, String firstKey, String second, String secondKey) {
    if (first.isEmpty() && second.isEmpty()) {
      throw map.self().error("one of " + firstKey + " & " + secondKey + " must be configured");
    }
    if (!first.isEmpty() && !second.isEmpty()) {
      throw map.self()
          .error("at most one of " + firstKey + " & " + secondKey + " must be configured");
    }
  }
}
