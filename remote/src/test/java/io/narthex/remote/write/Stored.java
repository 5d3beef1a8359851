package io.narthex.remote.write;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a storage holds, to be compared: for each series its samples as {@code value@time}. */
final class Stored {

  private Stored() {}

  static Map<String, List<String>> in(Queryable storage) {
    Map<String, List<String>> all = new TreeMap<>();
    try (Querier querier = storage.querier(Long.MIN_VALUE, Long.MAX_VALUE)) {
      Matcher any = new Matcher(Matcher.Type.REGEX, Labels.METRIC_NAME, "(?s).+");
      SelectHints hints = SelectHints.range(Long.MIN_VALUE, Long.MAX_VALUE);
      SeriesSet set = querier.select(false, hints, List.of(any));
      SeriesSet.Reader reader = set.reader();
      SampleBuffer buffer = new SampleBuffer();
      for (int i = 0; i < set.size(); i++) {
        reader.read(i, Long.MIN_VALUE, Long.MAX_VALUE, buffer);
        List<String> samples = new ArrayList<>();
        for (int k = 0; k < buffer.size(); k++) {
          FloatHistogram histogram = buffer.histogram(k);
          if (histogram != null) {
            String gauge = histogram.hint() == ResetHint.GAUGE ? "gauge" : "";
            samples.add(gauge + histogram + "@" + buffer.timestamps()[k]);
            continue;
          }
          double value = buffer.values()[k];
          String shown =
              Double.isNaN(value)
                  ? Long.toHexString(Double.doubleToRawLongBits(value))
                  : String.valueOf(value);
          samples.add(shown + "@" + buffer.timestamps()[k]);
        }
        all.put(set.labels(i).toString(), samples);
      }
    }
    return all;
  }
}
