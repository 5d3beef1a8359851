/**
 * Discovery of services of Consul: so far its configuration alone, which is read, checked and
 * printed whole. Start at {@link io.narthex.discovery.consul.ConsulConfig}.
 */
@NullMarked
package io.narthex.discovery.consul;

import org.jspecify.annotations.NullMarked;
