/**
 * How a Kubernetes API server is reached, and how its objects are listed and watched. What an
 * object is, and which targets come of it, does not live here. Start at {@link
 * io.narthex.discovery.kubernetes.cluster.ListWatch}.
 */
@NullMarked
package io.narthex.discovery.kubernetes.cluster;

import org.jspecify.annotations.NullMarked;
