/**
 * Discovery of containers of a Docker daemon: so far its configuration alone, which is read,
 * checked and printed whole. Start at {@link io.narthex.discovery.docker.DockerConfig}.
 */
@NullMarked
package io.narthex.discovery.docker;

import org.jspecify.annotations.NullMarked;
