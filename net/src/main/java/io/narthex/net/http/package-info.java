/**
 * The doors for HTTP: what a handler sees and how a server is opened. No type of the server library
 * leaves the module. Start at {@link io.narthex.net.http.HttpHandler}.
 */
@NullMarked
package io.narthex.net.http;

import org.jspecify.annotations.NullMarked;
