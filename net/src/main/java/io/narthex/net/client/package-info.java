/**
 * What a client needs to speak HTTP: credentials, TLS, proxy, headers, as every section of a
 * configuration file that uses HTTP spells them (inline, with the same keys everywhere). Records
 * that read, check and print themselves; the files they name are read by whoever connects, again
 * whenever they change. Start at {@link io.narthex.net.client.HttpClientConfig}.
 */
@NullMarked
package io.narthex.net.client;

import org.jspecify.annotations.NullMarked;
