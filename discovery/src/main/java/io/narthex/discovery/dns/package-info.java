/**
 * Discovery of names of the DNS: so far its configuration alone, which is read, checked and printed
 * whole. Start at {@link io.narthex.discovery.dns.DnsConfig}.
 */
@NullMarked
package io.narthex.discovery.dns;

import org.jspecify.annotations.NullMarked;
