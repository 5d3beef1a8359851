/**
 * Connections to others: finding the address, through a proxy or over a Unix socket, TLS, and a
 * point in time at which waiting ends. Both clients, the one that scrapes and the general one, dial
 * here. Which HTTP is spoken is agreed here, because TLS does it; requests and answers are not
 * known here, but for the little that a proxy needs. Start at {@link
 * io.narthex.net.connect.Dialer}.
 */
@NullMarked
package io.narthex.net.connect;

import org.jspecify.annotations.NullMarked;
