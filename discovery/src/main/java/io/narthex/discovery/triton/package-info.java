/**
 * Discovery of containers or nodes of Triton: so far its configuration alone, which is read,
 * checked and printed whole. Start at {@link io.narthex.discovery.triton.TritonConfig}.
 */
@NullMarked
package io.narthex.discovery.triton;

import org.jspecify.annotations.NullMarked;
