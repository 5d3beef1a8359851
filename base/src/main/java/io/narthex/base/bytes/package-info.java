/**
 * Bytes and UTF-8: comparing, varints, growable buffers and off-heap memory. No formats live here,
 * only what formats are made of. Start at {@link io.narthex.base.bytes.Varint}.
 */
@NullMarked
package io.narthex.base.bytes;

import org.jspecify.annotations.NullMarked;
