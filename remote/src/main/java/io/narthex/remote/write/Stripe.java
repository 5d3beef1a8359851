package io.narthex.remote.write;

import io.narthex.base.compress.CompressionException;
import io.narthex.base.compress.Snappy;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.storage.StorageException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the receiver's ways into the storage: an append group with the series that it knows, and
 * the buffers to read a request. One request at a time; the others wait for its lock.
 */
final class Stripe implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Stripe.class);

  /** The most bytes of a request, decompressed: upstream's limit. */
  static final int MOST_DECODED = 32 << 20;

  /** A larger buffer is not kept. */
  private static final int LARGEST_KEPT = 4 << 20;

  /** Snappy's densest element: 64 bytes from three. A block that claims to hold more lies. */
  private static final long DENSEST = 22;

  private final ReentrantLock lock = new ReentrantLock();
  private final Appendable storage;
  private final ReceiverMetrics metrics;
  private final KnownSeries known;
  private final RequestReader reader;
  private final Snappy snappy = new Snappy();
  private byte[] decoded = new byte[0];
  private @Nullable AppendGroup group;
  private boolean closed;

  Stripe(Appendable storage, ReceiverMetrics metrics, int mostKnown) {
    this.storage = storage;
    this.metrics = metrics;
    this.known = new KnownSeries(mostKnown);
    this.reader = new RequestReader(known);
  }

  /**
   * Stores a request of protocol 1.0.
   *
   * @param body the snappy block
   * @param now the time, in milliseconds since the epoch
   * @param latest the latest timestamp to take
   * @throws WriteException if it was not stored, or not all of it
   */
  void store(byte[] body, int length, long now, long latest) {
    lock.lock();
    try {
      if (closed) {
        throw new WriteException(503, "the remote write receiver is stopping");
      }
      int size = decompress(body, length);
      known.time(now);
      RequestReader.Counts counts = write(size, latest);
      metrics.stored(counts);
      tell(counts);
    } catch (StorageException e) {
      LOG.atError()
          .addKeyValue("err", e.getMessage())
          .log("Error while remote writing the v1 request");
      throw new WriteException(500, String.valueOf(e.getMessage()));
    } finally {
      if (decoded.length > LARGEST_KEPT) {
        decoded = new byte[0];
      }
      lock.unlock();
    }
  }

  private int decompress(byte[] body, int length) {
    try {
      int size = snappy.uncompressedLength(body, 0, length);
      if (size > MOST_DECODED) {
        throw WriteException.malformed("decoded size exceeds the " + MOST_DECODED + " bytes limit");
      }
      if (size > DENSEST * length) {
        throw WriteException.malformed("snappy: corrupt input");
      }
      if (decoded.length < size) {
        decoded = new byte[Math.max(size, Math.min(2 * size, LARGEST_KEPT))];
      }
      return snappy.decompress(body, 0, length, decoded, 0);
    } catch (CompressionException e) {
      throw WriteException.malformed(String.valueOf(e.getMessage()));
    }
  }

  private RequestReader.Counts write(int size, long latest) {
    AppendGroup open = group;
    if (open == null) {
      open = storage.group();
      group = open;
    }
    Appender appender = open.appender();
    RequestReader.Counts counts;
    boolean read = false;
    try {
      counts = reader.append(decoded, size, appender, latest);
      read = true;
    } finally {
      if (!read) {
        appender.rollback();
      }
    }
    appender.commit();
    return counts;
  }

  private static void tell(RequestReader.Counts counts) {
    if (counts.invalidSeries > 0) {
      LOG.atWarn()
          .addKeyValue("series", counts.invalidSeries)
          .addKeyValue("first", counts.firstInvalid)
          .log("Series with invalid labels in a remote write request were left out");
    }
    if (counts.exemplarsOutOfOrder > 0) {
      LOG.atWarn()
          .addKeyValue("num_dropped", counts.exemplarsOutOfOrder)
          .log("Error on ingesting out-of-order exemplars");
    }
    if (counts.refusedSeries > 0) {
      throw WriteException.malformed(
          "the storage takes no more series, and "
              + counts.refusedSeries
              + " of the request are new, the first of them "
              + counts.firstRefused
              + "; their samples were dropped, all others stored");
    }
  }

  /** Waits for the request at hand, and takes no more. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (group != null) {
        group.close();
        group = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
