/**
 * Discovery of instances of Oracle's cloud. Start at {@link io.narthex.discovery.oci.OciConfig};
 * then {@code OciInstances}, which walks the {@code Compartments} and turns instances into targets.
 * {@code OciApi} asks, page by page and not too fast; each request is signed by a {@code Signer},
 * which a {@code Principal} brings: a user's {@code ApiKey}, or the machine itself ({@code
 * InstancePrincipal}).
 */
@NullMarked
package io.narthex.discovery.oci;

import org.jspecify.annotations.NullMarked;
