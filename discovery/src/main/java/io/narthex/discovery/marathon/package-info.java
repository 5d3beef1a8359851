/**
 * Discovery of tasks of Marathon: so far its configuration alone, which is read, checked and
 * printed whole. Start at {@link io.narthex.discovery.marathon.MarathonConfig}.
 */
@NullMarked
package io.narthex.discovery.marathon;

import org.jspecify.annotations.NullMarked;
