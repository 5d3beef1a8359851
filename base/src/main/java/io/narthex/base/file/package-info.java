/**
 * Files as a facade: every line that touches the disk takes a {@link io.narthex.base.file.Disk}, so
 * that tests can fill it, tear a write or fail a sync. Reading what others wrote goes through
 * {@link io.narthex.base.file.MappedFile}, the one class around a mapped segment. No formats live
 * here. Start at {@link io.narthex.base.file.Disk}.
 */
@NullMarked
package io.narthex.base.file;

import org.jspecify.annotations.NullMarked;
