package io.narthex.remote.write;

import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.HttpResponse;
import io.narthex.storage.Appendable;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiver of remote write, protocol 1.0: the handler of {@code POST /api/v1/write}.
 *
 * <p><b>Answers.</b> 204 when the samples are in the storage, that is to say committed: they
 * survive the death of the process. 415 for another content type, message or encoding than it
 * takes, 413 and 400 for a body that is too long or malformed. 400 also if one sample is out of
 * order, out of bounds, too old or a duplicate with another value, and then nothing of the request
 * is stored, as of one with a histogram that breaks a rule: Prometheus tells senders in this way
 * not to send it again. 500 if the storage fails, 503 if there is no memory for the request:
 * senders try again. Series whose labels break a rule are left out and counted.
 *
 * <p><b>Exemplars</b> never make a request fail: those that the storage does not take are counted.
 *
 * <p><b>What is not kept.</b> Metadata is checked for its form and counted (Prometheus does not
 * keep it either, as it is not of a series). Protocol 2.0 is not accepted, upon which senders fall
 * back to 1.0.
 *
 * <p><b>Threads.</b> Requests are worked on by as many stripes as there are cores, each with an
 * append group of its own. A sender, known by its address, always meets the same stripe, so that
 * its series are known there and belong to that group.
 *
 * <p>Thread-safe.
 */
public final class WriteReceiver implements HttpHandler, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WriteReceiver.class);

  /** How far ahead of the clock a timestamp may be: upstream's limit. */
  private static final Duration MOST_AHEAD = Duration.ofMinutes(10);

  private static final String SNAPPY = "snappy";

  /** What this version can read. */
  private static final List<MessageType> READABLE = List.of(MessageType.V1);

  private final Clock clock;
  private final List<MessageType> accepted;
  private final Bodies bodies;
  private final Stripe[] stripes;

  /**
   * What a receiver is made with.
   *
   * @param accepted the messages that may come in; those that cannot be read yet are answered as if
   *     they were not accepted
   * @param stripes how many requests are worked on at one time
   * @param bodyMemory the most bytes that bodies take together while they come in and wait; 64 MiB
   *     or more, so that two of the longest fit
   * @param knownSeries the most series that each stripe remembers
   */
  public record Options(List<MessageType> accepted, int stripes, long bodyMemory, int knownSeries) {

    private static final long LEAST_BODY_MEMORY = 64L << 20;
    private static final int LEAST_KNOWN = 1 << 16;
    private static final int MOST_KNOWN = 1 << 22;

    public Options {
      accepted = List.copyOf(accepted);
    }

    /** Sized by the cores and the heap of this process. */
    public static Options of(List<MessageType> accepted) {
      Runtime jvm = Runtime.getRuntime();
      int stripes = Math.max(1, jvm.availableProcessors());
      long eighth = jvm.maxMemory() / 8;
      return new Options(
          accepted,
          stripes,
          Math.max(LEAST_BODY_MEMORY, eighth),
          Math.clamp(eighth / stripes / KnownSeries.BYTES_PER_SERIES, LEAST_KNOWN, MOST_KNOWN));
    }
  }

  /**
   * Makes a receiver.
   *
   * @param storage where the samples go; it is first touched by the first request
   * @param registry gets the receiver's metrics
   */
  public WriteReceiver(
      Appendable storage, Clock clock, Options options, PrometheusRegistry registry) {
    this.clock = clock;
    this.accepted = options.accepted().stream().filter(READABLE::contains).toList();
    this.bodies = new Bodies(options.bodyMemory());
    this.stripes = new Stripe[options.stripes()];
    ReceiverMetrics metrics = new ReceiverMetrics(registry);
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new Stripe(storage, metrics, options.knownSeries());
    }
  }

  @Override
  public void handle(HttpRequest request, HttpResponse response) throws IOException {
    try {
      checkEncoding(request.header("Content-Encoding"));
      checkMessage(request.header("Content-Type"));
      Bodies.Body body = body(request);
      try {
        store(request.remoteAddress(), body.bytes(), body.length());
      } finally {
        bodies.give(body);
      }
    } catch (WriteException e) {
      LOG.atDebug()
          .addKeyValue("sender", request.remoteAddress())
          .addKeyValue("err", e.text())
          .log("A remote write request was not taken");
      refuse(response, e);
      return;
    }
    response.status(204).sendEmpty();
  }

  private Bodies.Body body(HttpRequest request) throws IOException {
    try {
      return bodies.read(request.body(), request.header("Content-Length"));
    } catch (IOException e) {
      // Not all of it has come. If somebody is still there, it is to be told.
      throw WriteException.malformed(String.valueOf(e.getMessage()));
    }
  }

  /** As Go's {@code http.Error} answers. */
  private static void refuse(HttpResponse response, WriteException e) throws IOException {
    response
        .status(e.status())
        .header("X-Content-Type-Options", "nosniff")
        .send("text/plain; charset=utf-8", (e.text() + '\n').getBytes(StandardCharsets.UTF_8));
  }

  private static void checkEncoding(@Nullable String encoding) {
    if (encoding != null && !encoding.isEmpty() && !encoding.equals(SNAPPY)) {
      throw new WriteException(
          415,
          encoding
              + " encoding (compression) is not accepted by this server; only "
              + SNAPPY
              + " is acceptable");
    }
  }

  private void checkMessage(@Nullable String contentType) {
    MessageType message = MessageType.ofContentType(contentType);
    if (!accepted.contains(message)) {
      throw new WriteException(
          415,
          message.text()
              + " protobuf message is not accepted by this server; only accepts "
              + MessageType.list(accepted));
    }
  }

  /**
   * Stores a request of protocol 1.0; when this returns its samples are committed.
   *
   * @param sender names the sender: requests of one sender are stored one after the other
   * @param body holds the snappy block of a {@code prometheus.WriteRequest} from 0 to {@code
   *     length}; it is only read, and not kept
   * @throws WriteException if it was not stored; where it was stored in part its text says so
   */
  public void store(String sender, byte[] body, int length) {
    long now = clock.millis();
    int spread = sender.hashCode() * 0x9e3779b9;
    stripes[Integer.remainderUnsigned(spread >>> 8, stripes.length)].store(
        body, length, now, now + MOST_AHEAD.toMillis());
  }

  /** Waits for the requests at hand, and takes no more. */
  @Override
  public void close() {
    for (Stripe stripe : stripes) {
      stripe.close();
    }
  }
}
