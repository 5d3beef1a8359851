/**
 * Discovery of services, tasks or nodes of a Docker Swarm: so far its configuration alone, which is
 * read, checked and printed whole. Start at {@link
 * io.narthex.discovery.dockerswarm.DockerSwarmConfig}.
 */
@NullMarked
package io.narthex.discovery.dockerswarm;

import org.jspecify.annotations.NullMarked;
