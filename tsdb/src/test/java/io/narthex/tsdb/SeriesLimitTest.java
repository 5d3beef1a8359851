package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.tsdb.head.CommitLog;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.head.HeadOptions;
import org.junit.jupiter.api.Test;

/** The head is full: who is to blame is said, once for each round in which there is something. */
class SeriesLimitTest {

  private static final long T0 = 1_700_000_000_000L;
  private static final int LIMIT = 100;

  private static int append(Head head, int from, int to) {
    int taken = 0;
    try (Appendable.AppendGroup group = head.group()) {
      Appender appender = group.appender();
      for (int i = from; i < to; i++) {
        Labels labels =
            Labels.of("__name__", i % 10 == 0 ? "a" : "requests", "job", "x", "trace", "t" + i);
        long handle = appender.series(labels);
        taken += handle == 0 ? 0 : 1;
        if (handle != 0) {
          assertThat(appender.append(handle, T0 + from, i)).isEqualTo(AppendResult.OK);
        }
      }
      appender.commit();
    }
    return taken;
  }

  @Test
  void theLabelAndTheMetricAreNamed() {
    try (Head head = new Head(new HeadOptions(7_200_000, 120, LIMIT, true), CommitLog.NONE, null)) {
      SeriesLimit limit = new SeriesLimit(head, LIMIT);
      assertThat(append(head, 0, LIMIT)).isEqualTo(LIMIT);
      assertThat(limit.line()).as("full, but nobody was refused").isNull();
      assertThat(append(head, 0, LIMIT + 7)).as("those that are known go on").isEqualTo(LIMIT);
      assertThat(limit.line())
          .isEqualTo(
              "the head has 100 series, its limit is 100; new ones were refused 7 times since the"
                  + " last round. The label with the most values is trace (100), the metric with the"
                  + " most series requests (90)");
      assertThat(limit.line()).as("nothing new").isNull();
      append(head, LIMIT, LIMIT + 1);
      assertThat(limit.line()).contains("refused 1 times");
      assertThat(head.series()).isEqualTo(LIMIT);
    }
  }

  @Test
  void thereIsRoomAgainWhenSeriesGo() {
    try (Head head = new Head(new HeadOptions(7_200_000, 120, LIMIT, true), CommitLog.NONE, null)) {
      append(head, 0, LIMIT);
      assertThat(append(head, LIMIT, LIMIT + 1)).isZero();
      head.truncate(T0 + 1);
      assertThat(append(head, LIMIT, LIMIT + 1)).isEqualTo(1);
    }
  }

  @Test
  void withoutALimitThereIsNothingToSay() {
    try (Head head = new Head(HeadOptions.DEFAULT, CommitLog.NONE, null)) {
      assertThat(append(head, 0, 1_000)).isEqualTo(1_000);
      assertThat(new SeriesLimit(head, 0).line()).isNull();
    }
  }
}
