/**
 * The endpoints below {@code /api/v1}: parameters in, the envelope of status, data and error out.
 * {@link io.narthex.api.v1.ApiV1} lists them all; the endpoints themselves lie by concern in the
 * classes that end in Endpoints. Pages, files and management are next door, in {@code web}.
 */
@NullMarked
package io.narthex.api.v1;

import org.jspecify.annotations.NullMarked;
