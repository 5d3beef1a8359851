/**
 * Discovery of servers of a data centre of IONOS: so far its configuration alone, which is read,
 * checked and printed whole. Start at {@link io.narthex.discovery.ionos.IonosConfig}.
 */
@NullMarked
package io.narthex.discovery.ionos;

import org.jspecify.annotations.NullMarked;
