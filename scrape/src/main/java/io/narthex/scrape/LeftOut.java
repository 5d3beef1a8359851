package io.narthex.scrape;

import io.narthex.model.relabel.RelabelConfig;
import io.narthex.scrape.append.PageCounts;
import io.narthex.scrape.append.PageException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Samples of a target's last page that were not stored, and why.
 *
 * @param rule which of the job's metric_relabel_configs dropped them; null for any other reason
 */
public record LeftOut(Reason reason, @Nullable DropRule rule, int samples) {

  /** Why samples are not stored. The name in the API is that of the key that decides it. */
  public enum Reason {
    METRIC_RELABELLING("metric_relabel_configs"),
    /** Relabelling took all labels away. */
    NO_LABELS("no_labels"),
    /** The whole page, because of one sample too many. */
    SAMPLE_LIMIT("sample_limit"),
    /** The whole page, because of one series with too many, too long names or values. */
    LABEL_LIMITS("label_limits"),
    /** The whole page, because of one histogram. */
    BUCKET_LIMIT("native_histogram_bucket_limit"),
    /** The whole page, because of one that cannot be read or makes no sense. */
    BAD_PAGE("bad_page"),
    DUPLICATE("duplicate_timestamp"),
    OUT_OF_ORDER("out_of_order"),
    OUT_OF_BOUNDS("out_of_bounds"),
    /** The storage takes no new series. */
    SERIES_LIMIT("series_limit");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** The name in the API. */
    public String text() {
      return text;
    }

    /** Why a page was refused that broke a rule. */
    static Reason of(PageException.Rule rule) {
      return switch (rule) {
        case SAMPLE_LIMIT -> SAMPLE_LIMIT;
        case LABEL_LIMIT -> LABEL_LIMITS;
        case BUCKET_LIMIT -> BUCKET_LIMIT;
        case HISTOGRAM, NAMES -> BAD_PAGE;
      };
    }
  }

  /** What was left out of a page that was stored. */
  static List<LeftOut> of(PageCounts counts, List<RelabelConfig> rules) {
    int dropped = counts.scraped() - counts.kept();
    if (dropped == 0 && counts.notStored() == 0) {
      return List.of();
    }
    List<LeftOut> all = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      int samples = counts.droppedBy(i);
      if (samples > 0) {
        all.add(new LeftOut(Reason.METRIC_RELABELLING, new DropRule(i, rules.get(i)), samples));
      }
    }
    add(all, Reason.NO_LABELS, counts.withoutLabels());
    add(all, Reason.DUPLICATE, counts.duplicates());
    add(all, Reason.OUT_OF_ORDER, counts.outOfOrder());
    add(all, Reason.OUT_OF_BOUNDS, counts.outOfBounds());
    add(all, Reason.SERIES_LIMIT, counts.refused());
    return List.copyOf(all);
  }

  private static void add(List<LeftOut> all, Reason reason, int samples) {
    if (samples > 0) {
      all.add(new LeftOut(reason, null, samples));
    }
  }
}
