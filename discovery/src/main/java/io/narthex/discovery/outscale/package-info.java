/**
 * Discovery of virtual machines of Outscale: so far its configuration alone, which is read, checked
 * and printed whole. Start at {@link io.narthex.discovery.outscale.OutscaleConfig}.
 */
@NullMarked
package io.narthex.discovery.outscale;

import org.jspecify.annotations.NullMarked;
