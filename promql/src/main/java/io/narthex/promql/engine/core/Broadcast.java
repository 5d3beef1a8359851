package io.narthex.promql.engine.core;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import java.util.Arrays;

/** Repeats what an expression yields at one step at all steps: for what does not depend on them. */
public record Broadcast(Operator input, Grid grid) implements Operator {

  @Override
  public int size() {
    return input.size();
  }

  @Override
  public Labels labels(int series) {
    return input.labels(series);
  }

  @Override
  public Labels labels(int series, LabelProjection needed) {
    return input.labels(series, needed);
  }

  @Override
  public boolean nameDropped(int series) {
    return input.nameDropped(series);
  }

  @Override
  public boolean distinct() {
    return input.distinct();
  }

  @Override
  public Reader reader() {
    Operator.Reader reader = input.reader();
    Column one = new Column(1);
    return (series, into) -> {
      reader.read(series, one);
      into.clear();
      Arrays.fill(into.values(), one.values()[0]);
      FloatHistogram histogram = one.histogram(0);
      if (histogram != null) {
        for (int i = 0; i < into.steps(); i++) {
          into.set(i, histogram);
        }
      }
    };
  }
}
