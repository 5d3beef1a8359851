package io.narthex.server;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.OutputFile;
import io.narthex.base.json.JsonWriter;
import io.narthex.base.time.Clock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code queries.active}: the queries that are being evaluated, so that after a crash the
 * log names those that may have caused it. Thread-safe.
 *
 * <p>The format is Prometheus'. With n places for queries:
 *
 * <pre>
 * offset  length
 * 0       1       [
 * 1       1000    the query in the first place
 * ...
 *         1000    the query in the n-th place
 * </pre>
 *
 * <p>A place is all zeros while nothing runs in it. Else it begins with a JSON object, {@code
 * {"query":"up","timestamp_sec":1600000000}}, the query cut so that it fits, and ends with a comma;
 * zeros lie between. So without its zeros, and with its last comma made a bracket, the file is a
 * JSON array. It is written in place and never made durable: it is for crashes of the program, and
 * what a program has written survives those.
 */
final class ActiveQueries implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ActiveQueries.class);
  private static final String NAME = "queries.active";
  private static final int ENTRY = 1000;
  private static final byte[] NOTHING = new byte[ENTRY];

  private final Clock clock;

  // Guarded by this.
  private final OutputFile file;
  private final BitSet taken;
  private final int places;
  private boolean broken;

  private ActiveQueries(OutputFile file, int places, Clock clock) {
    this.file = file;
    this.places = places;
    this.taken = new BitSet(places);
    this.clock = clock;
  }

  /**
   * Says in the log which queries the last run has not finished, and begins anew.
   *
   * @param directory the database's, which must be locked
   * @param places how many queries run at once; 0 if there is no limit, and then none is noted
   * @throws DiskException if the file cannot be written
   */
  static ActiveQueries open(Path directory, int places, Disk disk, Clock clock) {
    Path path = directory.resolve(NAME);
    if (disk.exists(path)) {
      String unfinished = unfinished(disk.readAll(path));
      if (!unfinished.isEmpty()) {
        LOG.atInfo()
            .addKeyValue("component", "activeQueryTracker")
            .addKeyValue("queries", unfinished)
            .log("These queries didn't finish in prometheus' last run:");
      }
    }
    OutputFile file = disk.create(path);
    boolean done = false;
    try {
      file.write(new byte[] {'['}, 0, 1);
      for (int i = 0; i < places; i++) {
        file.write(NOTHING, 0, ENTRY);
      }
      done = true;
      return new ActiveQueries(file, places, clock);
    } finally {
      if (!done) {
        file.close();
      }
    }
  }

  /** What a file holds, as a JSON array; empty if it holds no query. */
  static String unfinished(byte[] content) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    for (byte b : content) {
      if (b != 0) {
        kept.write(b);
      }
    }
    if (kept.size() < 2) {
      return "";
    }
    byte[] json = kept.toByteArray();
    json[json.length - 1] = ']';
    return new String(json, StandardCharsets.UTF_8);
  }

  /**
   * Notes that a query runs.
   *
   * @return notes that it does no longer
   */
  synchronized Runnable note(String query) {
    int place = taken.nextClearBit(0);
    if (place >= places) {
      return () -> {};
    }
    taken.set(place);
    byte[] entry = Arrays.copyOf(entry(query, clock.millis() / 1000), ENTRY);
    entry[ENTRY - 1] = ',';
    write(place, entry);
    return () -> leave(place);
  }

  private synchronized void leave(int place) {
    write(place, NOTHING);
    taken.clear(place);
  }

  /** A full disk does not keep queries from being answered. */
  private void write(int place, byte[] entry) {
    try {
      file.writeAt(1 + (long) place * ENTRY, entry, 0, ENTRY);
      broken = false;
    } catch (DiskException e) {
      if (!broken) {
        LOG.atError().addKeyValue("err", e.getMessage()).log("Active queries cannot be noted");
      }
      broken = true;
    }
  }

  /** The JSON of a query, of which as much is kept as there is room for. */
  private static byte[] entry(String query, long seconds) {
    int length = Math.min(query.length(), ENTRY);
    while (true) {
      byte[] json = json(query.substring(0, length), seconds);
      int excess = json.length - (ENTRY - 1);
      if (excess <= 0) {
        return json;
      }
      // One character is six bytes at most.
      length -= Math.max(1, excess / 6);
      if (Character.isHighSurrogate(query.charAt(length - 1))) {
        length--;
      }
    }
  }

  private static byte[] json(String query, long seconds) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      JsonWriter json = new JsonWriter(out);
      json.beginObject().member("query", query).member("timestamp_sec", seconds);
      json.endObject().drain();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  @Override
  public synchronized void close() {
    file.close();
  }
}
