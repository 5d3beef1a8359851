package io.narthex.promql.script;

import io.narthex.model.histogram.FloatHistogram;
import org.jspecify.annotations.Nullable;

/** Stores the series of a {@code load} command. */
final class Loading {

  private Loading() {}

  static void run(Command.Load load, ScriptStorage storage) {
    for (Command.LoadedSeries series : load.series()) {
      for (int i = 0; i < series.values().size(); i++) {
        SequenceValue value = series.values().get(i);
        if (value.omitted()) {
          continue;
        }
        long time = i * load.stepMillis();
        @Nullable Long offset = series.starts().get(i);
        long start = offset == null ? 0 : time + offset;
        FloatHistogram histogram = value.histogram();
        if (histogram == null) {
          storage.append(series.labels(), time, value.value(), start);
        } else {
          storage.append(series.labels(), time, histogram, start);
        }
      }
    }
    if (load.nhcb()) {
      CustomBuckets.store(load, storage);
    }
    storage.commit();
  }
}
