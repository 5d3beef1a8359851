/**
 * How Amazon's services are spoken to: signed requests in one region as somebody with keys, the
 * protocols (forms answered by XML, JSON with a target, JSON behind paths), pages, and several
 * requests at once. What is asked and which labels come of it lives a level above. Start at {@link
 * io.narthex.discovery.aws.api.AwsClient}.
 */
@NullMarked
package io.narthex.discovery.aws.api;

import org.jspecify.annotations.NullMarked;
