package io.narthex.scrape.failure;

import io.narthex.base.time.Clock;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * All files in which failed scrapes are noted; jobs that name one file share it. They are opened
 * anew at each reload, so that they can be moved away. Thread-safe.
 *
 * <p>A change has two halves, so that a file that cannot be opened leaves everything as it was:
 * {@link #open} and then {@link #use}.
 */
public final class FailureLogs implements AutoCloseable {

  private final Clock clock;
  private volatile Map<String, FailureLog> inUse = Map.of();

  public FailureLogs(Clock clock) {
    this.clock = clock;
  }

  /** Files that are open, and not in use yet. */
  public static final class Next {
    private final Map<String, FailureLog> logs;

    private Next(Map<String, FailureLog> logs) {
      this.logs = logs;
    }
  }

  /**
   * Opens files.
   *
   * @param files their names; the empty one means no file
   * @throws IOException if one cannot be opened; then none stays open
   */
  public Next open(Collection<String> files) throws IOException {
    Map<String, FailureLog> opened = new LinkedHashMap<>();
    boolean done = false;
    try {
      for (String file : new TreeSet<>(files)) {
        if (!file.isEmpty()) {
          opened.put(file, FailureLog.open(file));
        }
      }
      done = true;
    } finally {
      if (!done) {
        opened.values().forEach(FailureLog::close);
      }
    }
    return new Next(opened);
  }

  /** Writes to these files from now on, and closes those before. */
  public synchronized void use(Next next) {
    Map<String, FailureLog> before = inUse;
    inUse = new HashMap<>(next.logs);
    before.values().forEach(FailureLog::close);
  }

  /**
   * Notes a failed scrape.
   *
   * @param file the file that the job names, or empty
   * @param job the job's name
   * @param url the target's URL
   */
  public void failed(String file, String job, String url, String error) {
    FailureLog log = inUse.get(file);
    // One that was closed after it was found has a successor, unless its job is gone or all ends.
    while (log != null && !log.write(clock.millis(), job, url, error)) {
      FailureLog next = inUse.get(file);
      log = next == log ? null : next;
    }
  }

  @Override
  public synchronized void close() {
    use(new Next(Map.of()));
  }
}
