package io.narthex.tsdb.wal;

import java.nio.file.Path;

/**
 * A record that cannot be read.
 *
 * @param file the segment it begins in
 * @param segment the segment's number
 * @param offset where in the segment the record begins: everything before it is sound
 * @param torn whether the segment just ends too early, as it does when the process or the machine
 *     was killed while writing
 * @param reason what is wrong with it
 */
public record WalCorruption(Path file, int segment, long offset, boolean torn, String reason) {

  /** One line for the log. */
  public String message() {
    return (torn ? "torn record" : "corruption")
        + " in segment "
        + file
        + " at "
        + offset
        + ": "
        + reason;
  }
}
