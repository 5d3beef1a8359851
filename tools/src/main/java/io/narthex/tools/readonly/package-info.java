/**
 * Reading a data directory as it is, without changing it, also while a server has it: {@link
 * io.narthex.tools.readonly.ReadOnlyDatabase}. It is the server's own way of opening, on a disk
 * whose writes go elsewhere.
 */
@NullMarked
package io.narthex.tools.readonly;

import org.jspecify.annotations.NullMarked;
