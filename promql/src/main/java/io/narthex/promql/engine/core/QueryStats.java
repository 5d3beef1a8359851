package io.narthex.promql.engine.core;

import java.util.List;

/**
 * What a query cost.
 *
 * @param samples the samples it looked at, each once for every step that saw it
 * @param samplesRead likewise, but a sample that several windows of one series see counts once
 * @param peakSamples the most samples it held at once
 * @param samplesPerStep {@code samples} by step; empty where that was not asked for
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
    long queueNanos,
    long prepareNanos,
    long evaluationNanos,
    long sortNanos) {}
