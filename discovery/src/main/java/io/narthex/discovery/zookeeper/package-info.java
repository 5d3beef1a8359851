/**
 * What mechanisms share whose targets are kept in ZooKeeper: a small client that reads and watches,
 * and a search that follows every node below some paths. What stands in a node is known to the
 * mechanisms, {@link io.narthex.discovery.nerve} and {@link io.narthex.discovery.serverset}. Start
 * at {@link io.narthex.discovery.zookeeper.ZooKeeperDiscovery}.
 */
@NullMarked
package io.narthex.discovery.zookeeper;

import org.jspecify.annotations.NullMarked;
