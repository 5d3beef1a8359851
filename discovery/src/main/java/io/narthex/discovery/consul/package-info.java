/**
 * Discovery of services of Consul: the catalog tells which there are, the health entries who serves
 * each; both are asked by questions that the agent holds back until the answer has changed. {@link
 * io.narthex.discovery.consul.ConsulApi} is what is asked, {@link
 * io.narthex.discovery.consul.Watch} how often, {@link io.narthex.discovery.consul.Instances} which
 * labels come of it. Start at {@link io.narthex.discovery.consul.ConsulDiscovery}.
 */
@NullMarked
package io.narthex.discovery.consul;

import org.jspecify.annotations.NullMarked;
