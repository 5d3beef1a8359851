/**
 * Discovery of containers of a Docker daemon: which networks a container is in, and the targets
 * that come of it. Start at {@link io.narthex.discovery.docker.DockerConfig}.
 */
@NullMarked
package io.narthex.discovery.docker;

import org.jspecify.annotations.NullMarked;
