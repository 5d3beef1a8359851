/**
 * Discovery of servers of STACKIT: so far its configuration alone, which is read, checked and
 * printed whole. Start at {@link io.narthex.discovery.stackit.StackitConfig}.
 */
@NullMarked
package io.narthex.discovery.stackit;

import org.jspecify.annotations.NullMarked;
