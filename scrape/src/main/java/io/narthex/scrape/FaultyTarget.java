package io.narthex.scrape;

import io.narthex.model.labels.Labels;

/**
 * What was found and cannot be a target.
 *
 * @param error why not
 */
public record FaultyTarget(String scrapePool, Labels discoveredLabels, String error) {}
