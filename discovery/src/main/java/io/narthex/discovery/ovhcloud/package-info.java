/**
 * Discovery of servers of OVHcloud: so far its configuration alone, which is read, checked and
 * printed whole. Start at {@link io.narthex.discovery.ovhcloud.OvhCloudConfig}.
 */
@NullMarked
package io.narthex.discovery.ovhcloud;

import org.jspecify.annotations.NullMarked;
