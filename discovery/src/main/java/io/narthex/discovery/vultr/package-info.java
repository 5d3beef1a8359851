/**
 * Discovery of instances of Vultr: what it is asked, page after page, and the labels that come of
 * it. Start at {@link io.narthex.discovery.vultr.VultrConfig}.
 */
@NullMarked
package io.narthex.discovery.vultr;

import org.jspecify.annotations.NullMarked;
