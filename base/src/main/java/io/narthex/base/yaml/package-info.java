/**
 * Strict YAML with line numbers. A file becomes a graph of values that know their lines, and each
 * module decodes its own section of it into records, key by key; whoever forgets to finish a map
 * forgets the unknown keys in it. The dialect and the error texts are those of go-yaml, which is
 * what users of this field know: yes and on are true, keys merge, and a wrong file answers {@code
 * line 3: field scrape_intervall not found in type config.plain}. The other way round, {@link
 * io.narthex.base.yaml.YamlWriter} prints what was decoded.
 *
 * <p>What a section means does not live here. Start at {@link io.narthex.base.yaml.Yaml}.
 */
@NullMarked
package io.narthex.base.yaml;

import org.jspecify.annotations.NullMarked;
