/**
 * The general HTTP client: one request, one answer, with a time limit and a size limit, over
 * connections that are kept; for service discovery, tokens, remote storage, notifications. Also
 * what proves who we are: header lines of credentials, tokens of OAuth 2.0 and Azure, signatures of
 * AWS; the client that scrapes uses those too. Start at {@link io.narthex.net.request.HttpClient}.
 */
@NullMarked
package io.narthex.net.request;

import org.jspecify.annotations.NullMarked;
