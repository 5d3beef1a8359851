/**
 * Discovery of instances of Google Compute Engine: so far its configuration alone, which is read,
 * checked and printed whole. Start at {@link io.narthex.discovery.gce.GceConfig}.
 */
@NullMarked
package io.narthex.discovery.gce;

import org.jspecify.annotations.NullMarked;
