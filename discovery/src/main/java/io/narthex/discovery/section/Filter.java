package io.narthex.discovery.section;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.util.List;

/**
 * One filter of an API: a name and the values that are let through.
 *
 * @param name what is looked at
 * @param values any of these will do
 */
public record Filter(String name, List<String> values) {

  public Filter {
    values = List.copyOf(values);
  }

  /** Reads a list of filters, empty where the key is absent. */
  public static List<Filter> read(YamlMap map, String key) {
    return map.list(key, "[]Filter", Filter::decode);
  }

  private static Filter decode(YamlValue value) {
    YamlMap map = value.map("Filter");
    Filter filter = new Filter(map.text("name", ""), map.texts("values"));
    map.finish();
    return filter;
  }

  /** Refuses filters that let nothing through. */
  public static void requireValues(YamlMap map, List<Filter> filters, String complaint) {
    if (filters.stream().anyMatch(filter -> filter.values().isEmpty())) {
      throw map.error("filters", complaint);
    }
  }

  /** Writes a list of filters as upstream prints it. */
  public static void write(YamlWriter.Map out, String key, List<Filter> filters) {
    if (filters.isEmpty()) {
      out.textsOrNone(key, List.of());
      return;
    }
    out.maps(
        key,
        filters,
        (filter, map) -> {
          map.put("name", filter.name);
          map.textsOrNone("values", filter.values);
        });
  }
}
