package io.narthex.scrape.append;

import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.relabel.Relabelling;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/** The rules of an empty configuration, but for what is said. */
final class TestRules {

  private boolean honorsLabels;
  private ToIntFunction<LabelsBuilder> relabelling = labels -> Relabelling.KEPT;
  private boolean legacyNames;
  private boolean typeAndUnit;
  private SampleLimits limits = SampleLimits.NONE;
  private SampleTimes times = SampleTimes.DEFAULT;
  private StartRules starts = StartRules.NONE;
  private HistogramScraping histograms = HistogramScraping.CLASSIC;

  static TestRules but() {
    return new TestRules();
  }

  SampleRules rules() {
    return new SampleRules(
        honorsLabels, relabelling, legacyNames, typeAndUnit, limits, times, starts, histograms);
  }

  TestRules honorsLabels() {
    honorsLabels = true;
    return this;
  }

  TestRules keeps(Predicate<LabelsBuilder> kept) {
    relabelling = labels -> kept.test(labels) ? Relabelling.KEPT : 0;
    return this;
  }

  TestRules legacyNames() {
    legacyNames = true;
    return this;
  }

  TestRules typeAndUnit(boolean add) {
    typeAndUnit = add;
    return this;
  }

  TestRules limits(long samples, long labels, long nameLength, long valueLength) {
    limits = new SampleLimits(samples, labels, nameLength, valueLength);
    return this;
  }

  TestRules times(boolean honor, boolean trackStaleness) {
    times = new SampleTimes(honor, trackStaleness);
    return this;
  }

  TestRules zeros() {
    starts = new StartRules(true, starts.keep(), starts.synthesize());
    return this;
  }

  TestRules keepsStarts() {
    starts = new StartRules(starts.zeros(), true, starts.synthesize());
    return this;
  }

  TestRules synthesizes() {
    starts = new StartRules(starts.zeros(), starts.keep(), true);
    return this;
  }

  TestRules histograms(HistogramScraping how) {
    histograms = how;
    return this;
  }
}
