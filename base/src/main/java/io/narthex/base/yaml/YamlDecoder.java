package io.narthex.base.yaml;

/** Makes something out of one value of a file. */
@FunctionalInterface
public interface YamlDecoder<T> {

  /**
   * Decodes a value.
   *
   * @throws YamlException if the value breaks a rule of its section; made by {@link
   *     YamlValue#error}. Values of the wrong type and unknown keys are not thrown but collected,
   *     by {@link YamlValue} and {@link YamlMap#finish}.
   */
  T decode(YamlValue value);
}
