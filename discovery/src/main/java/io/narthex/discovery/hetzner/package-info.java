/**
 * Discovery of servers of Hetzner: dedicated ones from the Robot web service, virtual ones from the
 * cloud's API, and the labels that come of them. Start at {@link
 * io.narthex.discovery.hetzner.HetznerConfig}.
 */
@NullMarked
package io.narthex.discovery.hetzner;

import org.jspecify.annotations.NullMarked;
