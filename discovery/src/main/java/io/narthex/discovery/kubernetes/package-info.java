/**
 * Discovery of the objects of a Kubernetes cluster: so far its configuration alone, which is read,
 * checked and printed whole. Start at {@link io.narthex.discovery.kubernetes.KubernetesConfig}.
 */
@NullMarked
package io.narthex.discovery.kubernetes;

import org.jspecify.annotations.NullMarked;
