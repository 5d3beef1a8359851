/**
 * Discovery of data planes of a Kuma mesh: so far its configuration alone, which is read, checked
 * and printed whole. Start at {@link io.narthex.discovery.kuma.KumaConfig}.
 */
@NullMarked
package io.narthex.discovery.kuma;

import org.jspecify.annotations.NullMarked;
