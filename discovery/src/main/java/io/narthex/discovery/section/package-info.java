/**
 * What the configuration sections of the mechanisms have in common: empty sections, choices by
 * name, filters, URLs. Start at {@link io.narthex.discovery.section.Section}.
 */
@NullMarked
package io.narthex.discovery.section;

import org.jspecify.annotations.NullMarked;
