/**
 * What the discovery of containers and that of a swarm have in common: the conversation with the
 * Docker daemon, and the labels of its networks. Which lists are asked for and what a target is, is
 * theirs. Start at {@link io.narthex.discovery.moby.Daemon}.
 */
@NullMarked
package io.narthex.discovery.moby;

import org.jspecify.annotations.NullMarked;
