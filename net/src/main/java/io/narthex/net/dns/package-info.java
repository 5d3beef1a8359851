/**
 * A resolver for records that the JDK does not look up: it asks the servers of {@code resolv.conf}
 * itself, over UDP and, where the answer was cut short, TCP. No cache and no recursion of its own;
 * the addresses that connections go to are found elsewhere, by the operating system. Start at
 * {@link io.narthex.net.dns.DnsResolver}.
 */
@NullMarked
package io.narthex.net.dns;

import org.jspecify.annotations.NullMarked;
