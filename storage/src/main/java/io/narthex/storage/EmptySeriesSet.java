package io.narthex.storage;

import io.narthex.model.labels.Labels;

final class EmptySeriesSet implements SeriesSet {

  @Override
  public int size() {
    return 0;
  }

  @Override
  public Labels labels(int series) {
    throw new IndexOutOfBoundsException(series);
  }

  @Override
  public Reader reader() {
    return (series, minTime, maxTime, into) -> {
      throw new IndexOutOfBoundsException(series);
    };
  }
}
