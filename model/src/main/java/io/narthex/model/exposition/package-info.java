/**
 * The exposition formats that targets speak, as bytes come in: Prometheus text (0.0.4 and 1.0.0)
 * and OpenMetrics text 1.0, which of them to ask for, and which one an answer is in. Nothing here
 * knows HTTP, series or storage. Start at {@link io.narthex.model.exposition.ExpositionTokenizer}.
 */
@NullMarked
package io.narthex.model.exposition;

import org.jspecify.annotations.NullMarked;
