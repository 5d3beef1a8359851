package io.narthex.tsdb.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.labels.Labels;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.StorageException;
import org.junit.jupiter.api.Test;

/** What the head tells of itself, also when it is closed. */
class HeadFiguresTest {

  private static final long T0 = 1_700_000_000_000L;

  private static void append(Appendable.AppendGroup group, int series, long time, double value) {
    Appender appender = group.appender();
    long handle = appender.series(Labels.of("__name__", "m", "i", Integer.toString(series)));
    appender.append(handle, time, value);
    appender.commit();
  }

  @Test
  void staleSeriesAreThoseThatEnded() {
    Head head = new Head(new HeadOptions(7_200_000, 120, 0, true), CommitLog.NONE, null);
    try (Appendable.AppendGroup group = head.group()) {
      for (int i = 0; i < 10; i++) {
        append(group, i, T0, i);
      }
      assertThat(head.rowFigures().staleSeries()).isZero();
      append(group, 3, T0 + 1, StaleMarker.VALUE);
      append(group, 4, T0 + 1, StaleMarker.VALUE);
      append(group, 5, T0 + 1, Double.NaN);
      assertThat(head.rowFigures().staleSeries()).isEqualTo(2);
      append(group, 3, T0 + 2, 1);
      assertThat(head.rowFigures().staleSeries()).as("one is back").isEqualTo(1);
      for (int i = 0; i < 10; i++) {
        append(group, i, T0 + 10_000, 1);
      }
      assertThat(head.rowFigures().staleSeries()).isZero();
    }
    assertThat(head.closeNow()).isTrue();
    assertThat(head.rowFigures().staleSeries()).as("of a closed head").isZero();
    assertThatThrownBy(() -> head.cardinality(1)).isInstanceOf(StorageException.class);
  }

  @Test
  void commitsAreNumbered() {
    try (Head head = new Head(new HeadOptions(7_200_000, 120, 0, true), CommitLog.NONE, null);
        Appendable.AppendGroup group = head.group()) {
      append(group, 1, T0, 1);
      long first = head.lastCommit();
      assertThat(head.commitSeenByAll()).isEqualTo(first);
      try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
        append(group, 1, T0 + 1, 1);
        assertThat(head.lastCommit()).isEqualTo(first + 1);
        assertThat(head.commitSeenByAll()).as("a reader from before is open").isEqualTo(first);
        assertThat(querier).isNotNull();
      }
      assertThat(head.commitSeenByAll()).isEqualTo(first + 1);
    }
  }
}
