/**
 * The exposition formats that targets speak, as bytes come in: Prometheus text (0.0.4 and 1.0.0),
 * OpenMetrics text 1.0 and the messages of protobuf, which of them to ask for, and which one an
 * answer is in. Nothing here knows HTTP, series or storage. Start at {@link
 * io.narthex.model.exposition.ExpositionTokenizer} for lines, and at {@link
 * io.narthex.model.exposition.ProtobufPage} for messages.
 */
@NullMarked
package io.narthex.model.exposition;

import org.jspecify.annotations.NullMarked;
