/**
 * Discovery of services that Nerve keeps in ZooKeeper, which is followed by {@link
 * io.narthex.discovery.zookeeper}. Start at {@link io.narthex.discovery.nerve.NerveConfig}.
 */
@NullMarked
package io.narthex.discovery.nerve;

import org.jspecify.annotations.NullMarked;
