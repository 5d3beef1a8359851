/**
 * Compression of byte ranges: snappy's block format and zstd, as the write-ahead log, remote write
 * and remote read use them. The outside library is known only here. Start at {@link
 * io.narthex.base.compress.Snappy}.
 */
@NullMarked
package io.narthex.base.compress;

import org.jspecify.annotations.NullMarked;
