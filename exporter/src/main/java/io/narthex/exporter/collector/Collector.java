package io.narthex.exporter.collector;

import java.io.IOException;

/**
 * Measures one side of the machine. Thread-safe: it keeps no state between scrapes but what it
 * says.
 */
public interface Collector {

  /** The name, as {@code --collector.NAME} has it. */
  String name();

  /**
   * Writes what it measures.
   *
   * @throws IOException if it cannot be measured; what was written before stays on the page
   * @throws NoDataException if this machine has nothing of the kind
   */
  void collect(Page page) throws IOException;

  /** The machine has nothing to measure here: no failure worth a log line. */
  final class NoDataException extends IOException {
    private static final long serialVersionUID = 1;

    public NoDataException(String message) {
      super(message);
    }
  }
}
