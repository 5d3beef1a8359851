/**
 * Files by pattern, as Go's {@code filepath.Glob} finds them. Start at {@link
 * io.narthex.base.glob.Glob}.
 */
@NullMarked
package io.narthex.base.glob;

import org.jspecify.annotations.NullMarked;
