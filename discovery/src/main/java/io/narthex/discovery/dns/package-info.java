/**
 * Discovery of names of the DNS: each name is looked up again and again, and its records are
 * targets. How servers are asked is the matter of {@link io.narthex.net.dns}. Start at {@link
 * io.narthex.discovery.dns.DnsConfig}.
 */
@NullMarked
package io.narthex.discovery.dns;

import org.jspecify.annotations.NullMarked;
