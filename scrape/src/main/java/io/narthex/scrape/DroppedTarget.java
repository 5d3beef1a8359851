package io.narthex.scrape;

import io.narthex.model.labels.Labels;

/**
 * A target that relabelling dropped.
 *
 * @param rule which of the job's relabel_configs did it
 */
public record DroppedTarget(String scrapePool, Labels discoveredLabels, DropRule rule) {}
