/**
 * Discovery of servers of STACKIT: the list of its IaaS API, asked with the key of a service
 * account, or without. Start at {@link io.narthex.discovery.stackit.StackitConfig}; what is asked
 * and which labels come of it is {@code StackitServers}', who asks is {@code StackitAccess}'.
 */
@NullMarked
package io.narthex.discovery.stackit;

import org.jspecify.annotations.NullMarked;
