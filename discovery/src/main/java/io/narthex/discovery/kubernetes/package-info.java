/**
 * Discovery of the objects of a Kubernetes cluster: which objects are looked at, what is kept of
 * them, and which targets and labels come of them. How the API server is spoken to lives in the
 * package below. Start at {@link io.narthex.discovery.kubernetes.KubernetesConfig} and {@link
 * io.narthex.discovery.kubernetes.KubernetesDiscovery}.
 */
@NullMarked
package io.narthex.discovery.kubernetes;

import org.jspecify.annotations.NullMarked;
