/**
 * Discovery of servers of Scaleway: so far its configuration alone, which is read, checked and
 * printed whole. Start at {@link io.narthex.discovery.scaleway.ScalewayConfig}.
 */
@NullMarked
package io.narthex.discovery.scaleway;

import org.jspecify.annotations.NullMarked;
