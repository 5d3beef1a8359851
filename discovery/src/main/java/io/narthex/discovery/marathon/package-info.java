/**
 * Discovery of tasks of Marathon: {@link io.narthex.discovery.marathon.Apps} asks, {@link
 * io.narthex.discovery.marathon.AppTargets} finds the ports and labels of an app's tasks. Start at
 * {@link io.narthex.discovery.marathon.MarathonConfig}.
 */
@NullMarked
package io.narthex.discovery.marathon;

import org.jspecify.annotations.NullMarked;
