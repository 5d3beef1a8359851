/**
 * Targets in files: JSON or YAML lists that someone else writes, found by glob, watched and read
 * again. Start at {@link io.narthex.discovery.file.FileConfig}.
 */
@NullMarked
package io.narthex.discovery.file;

import org.jspecify.annotations.NullMarked;
