package io.narthex.scrape;

import io.narthex.model.relabel.RelabelConfig;

/**
 * A rule that dropped something.
 *
 * @param index its place among the rules of its list, from 0
 */
public record DropRule(int index, RelabelConfig config) {}
