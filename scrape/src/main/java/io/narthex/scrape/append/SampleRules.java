package io.narthex.scrape.append;

import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.relabel.Relabelling;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * What a scrape configuration says about the samples of its targets.
 *
 * @param honorLabels whether a label of the page wins over the target's label of that name;
 *     otherwise it is moved to {@code exported_<name>}
 * @param honorTimestamps whether timestamps of the page are used
 * @param trackTimestampsStaleness whether series with timestamps of their own are ended when they
 *     vanish
 * @param relabelling applies metric_relabel_configs to a builder; the place of the rule that drops
 *     the sample, or {@link Relabelling#KEPT}
 * @param sampleLimit the most samples of a page behind relabelling, 0 for any number
 * @param labelLimit the most labels of a series, 0 for any number
 * @param labelNameLengthLimit the longest label name in bytes, 0 for any
 * @param labelValueLengthLimit the longest label value in bytes, 0 for any
 * @param legacyNames whether only names of the classic form are taken
 * @param histograms what happens to histograms
 * @param zeroAtStart whether a zero is appended at the time at which the counting of a new series
 *     began
 * @param typeAndUnit whether type and unit of the metric become labels
 * @param keepStarts whether the storage keeps start timestamps
 */
public record SampleRules(
    boolean honorLabels,
    boolean honorTimestamps,
    boolean trackTimestampsStaleness,
    ToIntFunction<LabelsBuilder> relabelling,
    long sampleLimit,
    long labelLimit,
    long labelNameLengthLimit,
    long labelValueLengthLimit,
    boolean legacyNames,
    HistogramScraping histograms,
    boolean zeroAtStart,
    boolean typeAndUnit,
    boolean keepStarts) {

  /** The rules for a storage that keeps no start timestamps. */
  public SampleRules(
      boolean honorLabels,
      boolean honorTimestamps,
      boolean trackTimestampsStaleness,
      Predicate<LabelsBuilder> relabelling,
      long sampleLimit,
      long labelLimit,
      long labelNameLengthLimit,
      long labelValueLengthLimit,
      boolean legacyNames,
      HistogramScraping histograms,
      boolean zeroAtStart,
      boolean typeAndUnit) {
    this(
        honorLabels,
        honorTimestamps,
        trackTimestampsStaleness,
        numbered(relabelling),
        sampleLimit,
        labelLimit,
        labelNameLengthLimit,
        labelValueLengthLimit,
        legacyNames,
        histograms,
        zeroAtStart,
        typeAndUnit,
        false);
  }

  /** The rules of a configuration that says nothing of histograms, starts and types. */
  public SampleRules(
      boolean honorLabels,
      boolean honorTimestamps,
      boolean trackTimestampsStaleness,
      Predicate<LabelsBuilder> relabelling,
      long sampleLimit,
      long labelLimit,
      long labelNameLengthLimit,
      long labelValueLengthLimit,
      boolean legacyNames) {
    this(
        honorLabels,
        honorTimestamps,
        trackTimestampsStaleness,
        relabelling,
        sampleLimit,
        labelLimit,
        labelNameLengthLimit,
        labelValueLengthLimit,
        legacyNames,
        HistogramScraping.CLASSIC,
        false,
        false);
  }

  /** One rule, the first, that keeps or drops. */
  private static ToIntFunction<LabelsBuilder> numbered(Predicate<LabelsBuilder> keeps) {
    return labels -> keeps.test(labels) ? Relabelling.KEPT : 0;
  }

  /** These rules with others for histograms. */
  public SampleRules with(HistogramScraping others) {
    return new SampleRules(
        honorLabels,
        honorTimestamps,
        trackTimestampsStaleness,
        relabelling,
        sampleLimit,
        labelLimit,
        labelNameLengthLimit,
        labelValueLengthLimit,
        legacyNames,
        others,
        zeroAtStart,
        typeAndUnit,
        keepStarts);
  }

  /** These rules for a storage that keeps start timestamps. */
  public SampleRules withStarts() {
    return new SampleRules(
        honorLabels,
        honorTimestamps,
        trackTimestampsStaleness,
        relabelling,
        sampleLimit,
        labelLimit,
        labelNameLengthLimit,
        labelValueLengthLimit,
        legacyNames,
        histograms,
        zeroAtStart,
        typeAndUnit,
        true);
  }

  /** Whether it matters when the counting of a series began. */
  boolean wantsStarts() {
    return zeroAtStart || keepStarts;
  }

  /** The rules of an empty configuration. */
  public static final SampleRules DEFAULT =
      new SampleRules(false, true, false, labels -> true, 0, 0, 0, 0, false);
}
