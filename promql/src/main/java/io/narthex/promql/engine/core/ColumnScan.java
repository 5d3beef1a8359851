package io.narthex.promql.engine.core;

/** Reads all columns of an operator and hands them on in the order of the series. */
public final class ColumnScan {

  private ColumnScan() {}

  /** Takes columns. */
  public interface Consumer {

    /**
     * Takes the next column.
     *
     * @param column valid during the call only
     */
    void accept(int series, Column column);
  }

  /** Reads everything. */
  public static void run(Operator input, Consumer consumer) {
    Operator.Reader reader = input.reader();
    Column column = new Column(input.grid().count());
    for (int i = 0; i < input.size(); i++) {
      reader.read(i, column);
      consumer.accept(i, column);
    }
  }
}
