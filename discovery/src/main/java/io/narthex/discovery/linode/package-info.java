/**
 * Discovery of instances of Linode: so far its configuration alone, which is read, checked and
 * printed whole. Start at {@link io.narthex.discovery.linode.LinodeConfig}.
 */
@NullMarked
package io.narthex.discovery.linode;

import org.jspecify.annotations.NullMarked;
