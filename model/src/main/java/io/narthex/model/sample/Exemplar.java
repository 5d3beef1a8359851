package io.narthex.model.sample;

import io.narthex.model.labels.Labels;

/**
 * An example of what a series has counted, mostly a request by its trace.
 *
 * @param labels what leads to the example, such as {@code trace_id}
 * @param value what the example added to its series
 * @param timestamp milliseconds since the epoch
 */
public record Exemplar(Labels labels, double value, long timestamp) {}
