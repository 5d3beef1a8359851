package io.narthex.promql.engine;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Grid;
import org.jspecify.annotations.Nullable;

/** The two kinds of rows: columns on the query's grid, and raw samples. */
final class MatrixRows {

  private MatrixRows() {}

  record Gridded(Labels labels, Grid grid, Column column) implements QueryResult.MatrixSeries {

    @Override
    public int slots() {
      return column.steps();
    }

    @Override
    public boolean present(int slot) {
      return column.present(slot);
    }

    @Override
    public long time(int slot) {
      return grid.time(slot);
    }

    @Override
    public double value(int slot) {
      return column.values()[slot];
    }

    @Override
    public @Nullable FloatHistogram histogram(int slot) {
      return column.histogram(slot);
    }
  }

  record Raw(Labels labels, SampleBuffer samples) implements QueryResult.MatrixSeries {

    @Override
    public int slots() {
      return samples.size();
    }

    @Override
    public boolean present(int slot) {
      return true;
    }

    @Override
    public long time(int slot) {
      return samples.timestamps()[slot];
    }

    @Override
    public double value(int slot) {
      return samples.values()[slot];
    }

    @Override
    public @Nullable FloatHistogram histogram(int slot) {
      return samples.histogram(slot);
    }
  }
}
