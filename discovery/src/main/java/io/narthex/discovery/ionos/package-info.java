/**
 * Discovery of servers of a data centre of IONOS: the one question and the labels that come of the
 * answer. Start at {@link io.narthex.discovery.ionos.IonosConfig}.
 */
@NullMarked
package io.narthex.discovery.ionos;

import org.jspecify.annotations.NullMarked;
