/**
 * Discovery of servers of Hetzner: so far its configuration alone, which is read, checked and
 * printed whole. Start at {@link io.narthex.discovery.hetzner.HetznerConfig}.
 */
@NullMarked
package io.narthex.discovery.hetzner;

import org.jspecify.annotations.NullMarked;
