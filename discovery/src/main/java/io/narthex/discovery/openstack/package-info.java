/**
 * Discovery of hypervisors, instances or load balancers of OpenStack: so far its configuration
 * alone, which is read, checked and printed whole. Start at {@link
 * io.narthex.discovery.openstack.OpenStackConfig}.
 */
@NullMarked
package io.narthex.discovery.openstack;

import org.jspecify.annotations.NullMarked;
