package io.narthex.discovery.section;

import io.narthex.base.yaml.YamlValue;
import java.util.function.UnaryOperator;

/** A value out of few, by its name in configuration files. Enums implement it. */
public interface Choice {

  /** The name. */
  String text();

  /**
   * Reads a name.
   *
   * @param complaint what to say about an unknown name
   */
  static <C extends Choice> C decode(YamlValue value, C[] all, UnaryOperator<String> complaint) {
    String name = value.text();
    for (C each : all) {
      if (each.text().equals(name)) {
        return each;
      }
    }
    throw value.error(complaint.apply(name));
  }
}
