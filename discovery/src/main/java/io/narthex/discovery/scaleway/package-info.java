/**
 * Discovery of servers of Scaleway, virtual or dedicated: what it is asked, page after page, and
 * the labels that come of it. Start at {@link io.narthex.discovery.scaleway.ScalewayConfig}.
 */
@NullMarked
package io.narthex.discovery.scaleway;

import org.jspecify.annotations.NullMarked;
