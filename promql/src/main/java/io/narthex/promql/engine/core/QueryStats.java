package io.narthex.promql.engine.core;

import java.util.List;

/**
 * What a query cost.
 *
 * @param samples the samples it looked at, each once for every step that saw it
 * @param samplesRead the samples it read from the storage, each once for every selector
 * @param peakSamples the most samples it held at once
 * @param samplesPerStep {@code samples} by step; empty where that was not asked for
 * @param readPerStep {@code samplesRead} by the step that first needed them; likewise
 * @param queueNanos time spent waiting for a free place
 * @param prepareNanos time spent on opening and selecting
 * @param evaluationNanos time spent on reading and computing
 * @param sortNanos time spent on putting the result in order
 */
public record QueryStats(
    long samples,
    long samplesRead,
    long peakSamples,
    List<Long> samplesPerStep,
    List<Long> readPerStep,
    long queueNanos,
    long prepareNanos,
    long evaluationNanos,
    long sortNanos) {}
