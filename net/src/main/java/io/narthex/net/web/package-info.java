/**
 * The file of {@code --web.config.file}: TLS of a server, passwords, headers, a limit of requests;
 * read, checked and kept in step with the file. The HTTP server itself is in {@code net.http}.
 * Start at {@link io.narthex.net.web.WebEntrance}.
 */
@NullMarked
package io.narthex.net.web;

import org.jspecify.annotations.NullMarked;
