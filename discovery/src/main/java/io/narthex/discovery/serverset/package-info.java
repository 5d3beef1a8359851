/**
 * Discovery of server sets of Finagle in ZooKeeper: so far its configuration alone, which is read,
 * checked and printed whole. Start at {@link io.narthex.discovery.serverset.ServersetConfig}.
 */
@NullMarked
package io.narthex.discovery.serverset;

import org.jspecify.annotations.NullMarked;
