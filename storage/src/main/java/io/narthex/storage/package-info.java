/**
 * The narrow waist of the house: producers and consumers of samples meet only at these interfaces.
 * Writing starts at {@link io.narthex.storage.Appender}, reading at {@link
 * io.narthex.storage.Querier}. The contracts stand on the interfaces; an acceptance suite in the
 * testkit checks every implementation. No bytes on disk are known here.
 */
@NullMarked
package io.narthex.storage;

import org.jspecify.annotations.NullMarked;
