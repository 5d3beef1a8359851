package io.narthex.tsdb.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Only the labels that are asked for are made. */
class ProjectedLabelsTest {

  private final Head head =
      new Head(new HeadOptions(7_200_000, 120, 0, true), CommitLog.NONE, null);

  @AfterEach
  void close() {
    assertThat(head.closeNow()).isTrue();
  }

  private void add(Labels labels) {
    try (Appendable.AppendGroup group = head.group()) {
      Appender appender = group.appender();
      appender.append(appender.series(labels), 1000, 1);
      appender.commit();
    }
  }

  @Test
  void namesThatAreMissingAreLeftOut() {
    String longValue = "v".repeat(300);
    add(Labels.of("__name__", "m", "a", "1", "b", longValue, "c", "3"));
    add(Labels.of("__name__", "m", "c", "4"));
    try (Querier querier = head.querier(0, 2000)) {
      SeriesSet set =
          querier.select(
              false, SelectHints.range(0, 2000), List.of(Matcher.equal("__name__", "m")));
      assertThat(set.size()).isEqualTo(2);

      List<String> names = List.of("c", "b", "nowhere");
      assertThat(set.labels(0, names)).isEqualTo(Labels.of("b", longValue, "c", "3"));
      assertThat(set.labels(1, names)).isEqualTo(Labels.of("c", "4"));
      assertThat(set.labels(0, List.of("a"))).isEqualTo(Labels.of("a", "1"));
      assertThat(set.labels(1, List.of("a"))).isEqualTo(Labels.EMPTY);
      assertThat(set.labels(1)).isEqualTo(Labels.of("__name__", "m", "c", "4"));
    }
  }
}
