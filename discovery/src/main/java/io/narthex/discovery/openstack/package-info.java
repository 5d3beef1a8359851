/**
 * Discovery of hypervisors, instances or load balancers of OpenStack. Start at {@link
 * io.narthex.discovery.openstack.OpenStackConfig}; then {@code OpenStackSource}, which logs in
 * ({@code Login} says who, {@code Keystone} asks) and hands the {@code Session} to the role: {@code
 * Hypervisors}, {@code Instances} or {@code LoadBalancers}.
 */
@NullMarked
package io.narthex.discovery.openstack;

import org.jspecify.annotations.NullMarked;
