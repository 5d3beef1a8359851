/**
 * Discovery of virtual machines of Outscale: the signed question, page after page, and the labels
 * that come of the answers. Start at {@link io.narthex.discovery.outscale.OutscaleConfig}.
 */
@NullMarked
package io.narthex.discovery.outscale;

import org.jspecify.annotations.NullMarked;
