package io.narthex.discovery.refresh;

import io.narthex.discovery.TargetGroup;
import java.io.IOException;
import java.util.List;

/** A back end that is asked for all it knows, again and again, by one thread. */
public interface Source extends AutoCloseable {

  /**
   * Everything there is now, each group with a source of its own. What an earlier answer held and
   * this one does not is gone.
   *
   * @throws IOException if it cannot be found out; what was known before stays, as it does when the
   *     answer has something that is no URL or header ({@link IllegalArgumentException})
   * @throws InterruptedException when it is told to stop
   */
  List<TargetGroup> refresh() throws IOException, InterruptedException;

  /** Ends connections. */
  @Override
  default void close() {}
}
