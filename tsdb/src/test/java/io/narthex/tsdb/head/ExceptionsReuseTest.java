package io.narthex.tsdb.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What a commit noted of series that came behind their group's time is used again by later commits:
 * only when no reader can ask for it any more. Many readers of different ages, each of which must
 * see for its whole life what was there when it was opened.
 */
class ExceptionsReuseTest {

  private static final long T0 = 1_700_000_000_000L;
  private static final int SERIES = 60;

  private record View(Querier querier, List<Integer> sizes) {}

  private static List<Integer> sizes(Querier querier) {
    SeriesSet set =
        querier.select(
            true,
            SelectHints.range(0, Long.MAX_VALUE),
            List.of(new Matcher(Matcher.Type.EQUAL, "__name__", "m")));
    SeriesSet.Reader reader = set.reader();
    SampleBuffer buffer = new SampleBuffer();
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      reader.read(i, 0, Long.MAX_VALUE, buffer);
      sizes.add(buffer.size());
    }
    return sizes;
  }

  @Test
  void everyReaderKeepsSeeingWhatItSawFirst() {
    Random random = new Random(11);
    List<View> views = new ArrayList<>();
    try (Head head = new Head(new HeadOptions(7_200_000, 120, 0, true), CommitLog.NONE, null);
        Appendable.AppendGroup group = head.group()) {
      long[] handles = new long[SERIES];
      for (int round = 0; round < 2_000; round++) {
        Appender appender = group.appender();
        // Batches of one time, of random series each, so that most come behind the group's time.
        long time = T0 + round / 8 * 1000L;
        for (int i = 0; i < SERIES; i++) {
          if (handles[i] == 0) {
            handles[i] =
                appender.series(Labels.of("__name__", "m", "i", Integer.toString(1000 + i)));
          }
          if (random.nextInt(8) == 0) {
            appender.append(handles[i], time + i % 3, 1);
          }
        }
        appender.commit();
        if (random.nextInt(3) == 0) {
          Querier querier = head.querier(0, Long.MAX_VALUE);
          views.add(new View(querier, sizes(querier)));
        }
        if (!views.isEmpty() && random.nextInt(3) == 0) {
          View view = views.remove(random.nextInt(views.size()));
          assertThat(sizes(view.querier)).isEqualTo(view.sizes);
          view.querier.close();
        }
      }
      for (View view : views) {
        assertThat(sizes(view.querier)).isEqualTo(view.sizes);
        view.querier.close();
      }
    }
  }
}
