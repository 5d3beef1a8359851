/**
 * Discovery of server sets of Finagle in ZooKeeper, which is followed by {@link
 * io.narthex.discovery.zookeeper}. Start at {@link io.narthex.discovery.serverset.ServersetConfig}.
 */
@NullMarked
package io.narthex.discovery.serverset;

import org.jspecify.annotations.NullMarked;
