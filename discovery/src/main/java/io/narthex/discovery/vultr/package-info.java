/**
 * Discovery of instances of Vultr: so far its configuration alone, which is read, checked and
 * printed whole. Start at {@link io.narthex.discovery.vultr.VultrConfig}.
 */
@NullMarked
package io.narthex.discovery.vultr;

import org.jspecify.annotations.NullMarked;
