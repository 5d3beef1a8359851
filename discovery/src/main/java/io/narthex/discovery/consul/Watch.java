package io.narthex.discovery.consul;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One question that is asked again and again, and whose answer Consul holds back until it is
 * another. It belongs to one thread.
 *
 * <p>The rules are those of Consul's documentation, "Blocking queries": an answer of the same index
 * says nothing new; an index that goes back (the servers were restored, or replaced) is forgotten,
 * so that the next question is answered at once; one that is not told (0) is no index. An answer
 * that was not understood does not move the index, and is asked for again.
 *
 * <p>Two questions begin at least an interval apart, so that a restless service does not keep
 * everybody busy; after a failure there is a pause, whatever the interval.
 */
final class Watch {

  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  /** The pause after a failure. */
  static final Duration PAUSE = Duration.ofSeconds(15);

  /** Asks. */
  @FunctionalInterface
  interface Question {

    /**
     * @param index of the last answer, 0 to be answered at once
     */
    ConsulApi.Answer ask(long index) throws IOException;
  }

  /** Takes answers that may be new. */
  @FunctionalInterface
  interface Taker {

    /**
     * @throws IOException if the answer is not of the form that was expected
     */
    void take(JsonValue answer) throws IOException, InterruptedException;
  }

  private final DiscoveryContext context;
  private final Duration interval;
  private final String complaint;
  private final Question question;
  private final Taker taker;
  private long index;

  /**
   * Makes it ready.
   *
   * @param complaint what is logged when there is no good answer
   */
  Watch(
      DiscoveryContext context,
      Duration interval,
      String complaint,
      Question question,
      Taker taker) {
    this.context = context;
    this.interval = interval;
    this.complaint = complaint;
    this.question = question;
    this.taker = taker;
  }

  /** Asks until the thread is interrupted. */
  void run() throws InterruptedException {
    while (true) {
      long begin = context.clock().nanos();
      try {
        turn();
      } catch (IOException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        failed(context, complaint, e);
        context.clock().sleep(PAUSE);
      }
      context.clock().sleep(interval.minusNanos(context.clock().nanos() - begin));
    }
  }

  private void turn() throws IOException, InterruptedException {
    ConsulApi.Answer answer = question.ask(index);
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (index == 0 || answer.index() != index) {
      taker.take(answer.json());
    }
    boolean back = Long.compareUnsigned(answer.index(), index) < 0;
    index = back ? 0 : answer.index();
  }

  /** Counts and logs a question without a good answer. */
  static void failed(DiscoveryContext context, String complaint, IOException e) {
    context.metrics().mechanisms().consulFailed();
    LOG.atError()
        .addKeyValue("discovery", "consul")
        .addKeyValue("config", context.job())
        .addKeyValue("err", e.getMessage())
        .log(complaint);
  }
}
