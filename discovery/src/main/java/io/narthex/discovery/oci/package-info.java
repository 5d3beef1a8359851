/**
 * Discovery of instances of Oracle's cloud: so far its configuration alone, which is read, checked
 * and printed whole. Start at {@link io.narthex.discovery.oci.OciConfig}.
 */
@NullMarked
package io.narthex.discovery.oci;

import org.jspecify.annotations.NullMarked;
