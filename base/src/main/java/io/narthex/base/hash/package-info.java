/**
 * Hash functions by name: those that formats prescribe (xxHash64, FNV-1a), which are pure, in
 * {@link io.narthex.base.hash.Hashes}; and one that stands for bytes within this process, and
 * differs from process to process, in {@link io.narthex.base.hash.KeyedHash}.
 */
@NullMarked
package io.narthex.base.hash;

import org.jspecify.annotations.NullMarked;
