package io.narthex.scrape;

import io.narthex.model.labels.Labels;

/** A target that relabelling dropped. */
public record DroppedTarget(String scrapePool, Labels discoveredLabels) {}
