/**
 * Discovery of services that Nerve keeps in ZooKeeper: so far its configuration alone, which is
 * read, checked and printed whole. Start at {@link io.narthex.discovery.nerve.NerveConfig}.
 */
@NullMarked
package io.narthex.discovery.nerve;

import org.jspecify.annotations.NullMarked;
