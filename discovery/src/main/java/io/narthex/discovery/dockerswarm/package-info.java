/**
 * Discovery of services, tasks or nodes of a Docker Swarm: which lists a manager is asked for, and
 * the targets that come of them. Start at {@link
 * io.narthex.discovery.dockerswarm.DockerSwarmConfig}.
 */
@NullMarked
package io.narthex.discovery.dockerswarm;

import org.jspecify.annotations.NullMarked;
