package io.narthex.tools.check;

import java.io.IOException;

/** What one command does. */
@FunctionalInterface
public interface Check {

  /** Runs it; the exit code is 0, 1 or 3. */
  int run() throws IOException;
}
