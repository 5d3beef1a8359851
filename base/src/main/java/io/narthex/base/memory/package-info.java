/**
 * Memory outside the collected heap: words by address, and an allocator of small blocks cut from
 * slabs. The head keeps its series here, so that the heap stays small however many there are.
 * Mapped files do not live here. Start at {@link io.narthex.base.memory.SlabAllocator}.
 */
@NullMarked
package io.narthex.base.memory;

import org.jspecify.annotations.NullMarked;
