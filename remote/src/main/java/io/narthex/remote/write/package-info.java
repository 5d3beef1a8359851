/**
 * The receiving side of remote write, protocol 1.0: an HTTP request's snappy block is walked as
 * protobuf, byte by byte, and its samples go to an appender; a series that was seen before costs a
 * hash of its raw label bytes and nothing else. Sending, protocol 2.0 and remote read do not live
 * here. Start at {@link io.narthex.remote.write.WriteReceiver}, and for the walk at {@link
 * io.narthex.remote.write.RequestReader}.
 */
@NullMarked
package io.narthex.remote.write;

import org.jspecify.annotations.NullMarked;
