package io.narthex.scrape;

import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.scrape.config.ScrapeConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * What a job would make of a target that was found, without scraping it.
 *
 * @param discovered the labels before relabelling
 * @param labels the labels afterwards, the hidden ones too; none if it was dropped or is faulty
 * @param error why it cannot be a target; empty if it can or was dropped
 */
public record TargetPreview(Labels discovered, Labels labels, String error) {

  /** What a job makes of groups, target by target. */
  public static List<TargetPreview> of(ScrapeConfig job, List<TargetGroup> groups) {
    TargetFactory factory = new TargetFactory(job);
    List<TargetPreview> previews = new ArrayList<>();
    for (TargetGroup group : groups) {
      for (Labels target : group.targets()) {
        TargetGroup alone = new TargetGroup(group.source(), group.labels(), List.of(target));
        TargetFactory.Made made = factory.make(List.of(alone));
        if (!made.targets.isEmpty()) {
          Target one = made.targets.getFirst();
          previews.add(new TargetPreview(one.discoveredLabels(), one.key().labels(), ""));
        } else if (made.failures.isEmpty()) {
          previews.add(new TargetPreview(factory.discovered(alone, target), Labels.EMPTY, ""));
        } else {
          String failure = made.failures.getFirst();
          previews.add(
              new TargetPreview(
                  factory.discovered(alone, target),
                  Labels.EMPTY,
                  failure.substring(failure.indexOf(": ") + 2)));
        }
      }
    }
    return previews;
  }

  /** The first target of groups that cannot be one, and why; empty if all can. */
  public static String problem(ScrapeConfig job, List<TargetGroup> groups) {
    List<String> failures = new TargetFactory(job).make(groups).failures;
    return failures.isEmpty() ? "" : failures.getFirst();
  }
}
