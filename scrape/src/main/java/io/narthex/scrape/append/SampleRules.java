package io.narthex.scrape.append;

import io.narthex.model.labels.LabelsBuilder;
import java.util.function.Predicate;

/**
 * What a scrape configuration says about the samples of its targets.
 *
 * @param honorLabels whether a label of the page wins over the target's label of that name;
 *     otherwise it is moved to {@code exported_<name>}
 * @param honorTimestamps whether timestamps of the page are used
 * @param trackTimestampsStaleness whether series with timestamps of their own are ended when they
 *     vanish
 * @param relabelling applies metric_relabel_configs to a builder; false drops the sample
 * @param sampleLimit the most samples of a page behind relabelling, 0 for any number
 * @param labelLimit the most labels of a series, 0 for any number
 * @param labelNameLengthLimit the longest label name in bytes, 0 for any
 * @param labelValueLengthLimit the longest label value in bytes, 0 for any
 * @param legacyNames whether only names of the classic form are taken
 */
public record SampleRules(
    boolean honorLabels,
    boolean honorTimestamps,
    boolean trackTimestampsStaleness,
    Predicate<LabelsBuilder> relabelling,
    long sampleLimit,
    long labelLimit,
    long labelNameLengthLimit,
    long labelValueLengthLimit,
    boolean legacyNames) {

  /** The rules of an empty configuration. */
  public static final SampleRules DEFAULT =
      new SampleRules(false, true, false, labels -> true, 0, 0, 0, 0, false);
}
