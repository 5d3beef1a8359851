/**
 * Discovery of containers and compute nodes of Triton, at the discovery endpoint of its container
 * monitor. Start at {@link io.narthex.discovery.triton.TritonConfig}.
 */
@NullMarked
package io.narthex.discovery.triton;

import org.jspecify.annotations.NullMarked;
