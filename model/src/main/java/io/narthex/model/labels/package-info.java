/**
 * Label sets and matchers. A label set is one sorted run of UTF-8 bytes, so that an engine over
 * millions of them touches no string. Start at {@link io.narthex.model.labels.Labels}.
 */
@NullMarked
package io.narthex.model.labels;

import org.jspecify.annotations.NullMarked;
