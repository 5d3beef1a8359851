package io.narthex.base.lifecycle;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was opened, to be closed in reverse order, all of it whatever fails. Not thread-safe. */
public final class Opened implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

  private record Part(String name, AutoCloseable part) {}

  private final Deque<Part> parts = new ArrayDeque<>();

  /**
   * Remembers a part.
   *
   * @param name what the log calls it if it cannot be closed
   */
  public <T extends AutoCloseable> T add(String name, T part) {
    parts.push(new Part(name, part));
    return part;
  }

  /** Closes all parts, the last one first. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      try {
        part.part.close();
      } catch (Exception e) {
        LOG.atError().addKeyValue("part", part.name).setCause(e).log("A part did not close");
      }
    }
  }
}
