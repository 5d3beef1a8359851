package io.narthex.scrape.append;

import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.relabel.Relabelling;
import java.util.function.ToIntFunction;

/**
 * What a scrape configuration says about the samples of its targets.
 *
 * @param honorLabels whether a label of the page wins over the target's label of that name;
 *     otherwise it is moved to {@code exported_<name>}
 * @param relabelling applies metric_relabel_configs to a builder; the place of the rule that drops
 *     the sample, or {@link Relabelling#KEPT}
 * @param legacyNames whether only names of the classic form are taken
 * @param typeAndUnit whether type and unit of the metric become labels
 * @param limits what breaks a page
 * @param times what happens to the page's timestamps
 * @param starts what happens to start timestamps
 * @param histograms what happens to histograms
 */
public record SampleRules(
    boolean honorLabels,
    ToIntFunction<LabelsBuilder> relabelling,
    boolean legacyNames,
    boolean typeAndUnit,
    SampleLimits limits,
    SampleTimes times,
    StartRules starts,
    HistogramScraping histograms) {

  /** The rules of an empty configuration. */
  public static final SampleRules DEFAULT =
      new SampleRules(
          false,
          labels -> Relabelling.KEPT,
          false,
          false,
          SampleLimits.NONE,
          SampleTimes.DEFAULT,
          StartRules.NONE,
          HistogramScraping.CLASSIC);

  /** These rules with others for histograms. */
  public SampleRules with(HistogramScraping others) {
    return new SampleRules(
        honorLabels, relabelling, legacyNames, typeAndUnit, limits, times, starts, others);
  }
}
