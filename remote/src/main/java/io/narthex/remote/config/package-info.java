/**
 * The sections of the configuration file about other servers: where samples are sent to, where they
 * are read from, and how what comes by OTLP is named. Records with their defaults and checks; the
 * work itself is elsewhere or still to come. Start at {@link
 * io.narthex.remote.config.RemoteWriteConfig}.
 */
@NullMarked
package io.narthex.remote.config;

import org.jspecify.annotations.NullMarked;
