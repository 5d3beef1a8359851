/**
 * Discovery of servers of a data centre of IONOS: what it is asked, page after page, and the labels
 * that come of it. Start at {@link io.narthex.discovery.ionos.IonosConfig}.
 */
@NullMarked
package io.narthex.discovery.ionos;

import org.jspecify.annotations.NullMarked;
