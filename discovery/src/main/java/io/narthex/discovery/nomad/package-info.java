/**
 * Discovery of services of Nomad: so far its configuration alone, which is read, checked and
 * printed whole. Start at {@link io.narthex.discovery.nomad.NomadConfig}.
 */
@NullMarked
package io.narthex.discovery.nomad;

import org.jspecify.annotations.NullMarked;
