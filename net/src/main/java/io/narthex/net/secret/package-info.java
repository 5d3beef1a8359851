/**
 * Certificates, keys and passwords that lie in files and may be replaced at any time: {@link
 * io.narthex.net.secret.FromFiles} keeps what is made of files in step with them, {@link
 * io.narthex.net.secret.Pem} reads certificates and keys. Both sides of HTTP use it. What a secret
 * is used for does not belong here.
 */
@NullMarked
package io.narthex.net.secret;

import org.jspecify.annotations.NullMarked;
