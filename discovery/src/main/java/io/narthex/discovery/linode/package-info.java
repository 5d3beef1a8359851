/**
 * Discovery of instances of Linode: the lists it is asked for, the events that say when to ask, and
 * the labels that come of the answers. Start at {@link io.narthex.discovery.linode.LinodeConfig}.
 */
@NullMarked
package io.narthex.discovery.linode;

import org.jspecify.annotations.NullMarked;
