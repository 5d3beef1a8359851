/**
 * Discovery of servers of OVHcloud, virtual or dedicated: the signed questions, and the labels that
 * come of the answers. Start at {@link io.narthex.discovery.ovhcloud.OvhCloudConfig}.
 */
@NullMarked
package io.narthex.discovery.ovhcloud;

import org.jspecify.annotations.NullMarked;
