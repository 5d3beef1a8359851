package io.narthex.scrape;

import io.narthex.base.time.Alarm;
import io.narthex.base.time.Clock;
import io.narthex.model.exposition.ContentTypes;
import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.net.scrape.Body;
import io.narthex.net.scrape.ScrapeException;
import io.narthex.net.scrape.ScrapeSession;
import io.narthex.scrape.append.PageAppender;
import io.narthex.scrape.append.PageCounts;
import io.narthex.scrape.append.PageException;
import io.narthex.scrape.append.SampleRules;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.storage.StorageException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scrapes one target at each tick, and writes what it found and how it went. Each scrape is one
 * commit: its samples, the stale markers of what vanished, and the report become visible together.
 *
 * <p><b>Threads.</b> Each scrape has a virtual thread of its own, which an alarm starts at the tick
 * and which sets the alarm for the next one as its last deed: so there are never two at a time, and
 * a target that waits costs no stack. A stack that sleeps from tick to tick outlives the
 * collections between them, and the JDK wakes such a one the slow way.
 *
 * <p><b>Time.</b> See {@link Ticks}. A loop that replaces another one with the same interval goes
 * on with its ticks: the one that came due while they changed over is the successor's first.
 *
 * <p><b>Ends.</b> A loop whose target is gone waits two more intervals and a tenth before it ends
 * the series: if the target comes back meanwhile, in another loop, the markers are older than its
 * samples and are ignored. A loop that another one replaces leaves the series alone. At shutdown a
 * running fetch is given up; otherwise never.
 *
 * <p><b>Interrupts</b> only ever come while a thread sleeps or fetches: they would close the files
 * of a storage that is just committing.
 */
final class ScrapeLoop {

  private static final Logger LOG = LoggerFactory.getLogger(ScrapeLoop.class);

  /** Why a loop stops, the later the stronger. */
  enum End {
    NONE,
    /** The target is gone. */
    REMOVED,
    /** Another loop goes on with the same target. */
    REPLACED,
    SHUTDOWN
  }

  private enum Waiting {
    SLEEPING,
    FETCHING
  }

  private final Target target;
  private final LoopSettings settings;
  private final Clock clock;
  private final boolean continues;
  private final boolean invalidates;
  private final Alarm alarm;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ReportSeries reports;
  private final SampleRules rules;
  private volatile String forcedError = "";

  /** Set when the loop is over and has been replaced: closed by the successor. */
  private @Nullable AppendGroup left;

  // Guarded by this.
  private End end = End.NONE;
  private @Nullable Thread waiter;
  private Waiting waiting = Waiting.SLEEPING;

  // Of the loop's own threads, of which there is one at a time.
  private final Ticks ticks;
  private @Nullable ScrapeLoop predecessor;
  private @Nullable AppendGroup group;
  private @Nullable ScrapeSession session;
  private String urlError = "";
  private long lastStart;
  private boolean hasScraped;
  private ScrapeMetrics.@Nullable Intervals intervals;

  /**
   * @param predecessor the loop to wait for before the first scrape, or null
   * @param invalidates whether the rules have changed since the predecessor
   */
  ScrapeLoop(
      Target target, LoopSettings settings, @Nullable ScrapeLoop predecessor, boolean invalidates) {
    this.target = target;
    this.settings = settings;
    this.clock = settings.clock();
    this.rules = target.rules(settings.rules());
    this.predecessor = predecessor;
    this.continues = predecessor != null;
    this.invalidates = invalidates;
    this.reports = new ReportSeries(target.labels(), settings.extraMetrics());
    this.ticks = new Ticks(target, settings.options(), clock);
    this.alarm = clock.alarm(() -> inThread(this::tick));
  }

  Target target() {
    return target;
  }

  void start() {
    inThread(this::begin);
  }

  private void inThread(BooleanSupplier step) {
    settings.threads().newThread(() -> run(step)).start();
  }

  /** A step says whether another one follows. */
  private void run(BooleanSupplier step) {
    boolean goesOn = false;
    try {
      goesOn = step.getAsBoolean();
    } finally {
      if (!goesOn) {
        over();
      }
    }
  }

  /** Makes every scrape fail with this message, without fetching; empty for none. */
  void forcedError(String message) {
    forcedError = message;
  }

  /** Tells the loop to stop; it may go on for a while, see the class. */
  synchronized void stop(End how) {
    if (how.compareTo(end) > 0) {
      end = how;
    }
    Thread thread = waiter;
    if (alarm.clear()) {
      inThread(this::tick);
    } else if (thread != null && (waiting == Waiting.SLEEPING || end == End.SHUTDOWN)) {
      thread.interrupt();
    }
  }

  void join() throws InterruptedException {
    ended.await();
  }

  /** Whether it has been started and is over. */
  boolean hasEnded() {
    return ended.getCount() == 0;
  }

  private synchronized End end() {
    return end;
  }

  /** The first step: up to the wait for the first tick. */
  private boolean begin() {
    if (!awaitPredecessor()) {
      return false;
    }
    if (invalidates) {
      target.cache().invalidate();
    }
    session = session();
    if (group == null) {
      group = settings.storage().group();
    }
    return awaitTick();
  }

  /** Each further step: one scrape, unless the loop shall stop, and up to the wait for the next. */
  private boolean tick() {
    if (end() == End.NONE) {
      scrapeSafely();
      ticks.advance();
    }
    return awaitTick();
  }

  /**
   * Sets the alarm for the next tick; from then on the loop belongs to another thread.
   *
   * @return false if the loop shall stop instead
   */
  private synchronized boolean awaitTick() {
    if (end != End.NONE) {
      return false;
    }
    alarm.set(ticks.next() - clock.nanos());
    return true;
  }

  /** The last step. */
  private void over() {
    try {
      AppendGroup owned = group;
      if (owned != null) {
        leave(owned);
      }
    } finally {
      if (session != null) {
        session.close();
      }
      settings.whenOver().accept(this);
      ended.countDown();
    }
  }

  /** A loop that is replaced leaves the ownership of the target's series to its successor. */
  private void leave(AppendGroup owned) {
    boolean done = false;
    try {
      finish(owned);
      done = true;
    } finally {
      if (done && end() == End.REPLACED) {
        left = owned;
      } else {
        owned.close();
      }
    }
  }

  /**
   * Waits until the cache is this loop's alone. Even a loop that shall stop must wait, for its own
   * successor relies on it.
   *
   * @return false if the process ends first
   */
  private boolean awaitPredecessor() {
    ScrapeLoop before = predecessor;
    while (before != null && !before.hasEnded()) {
      if (!beginWaiting(Waiting.SLEEPING, End.REPLACED)) {
        return false;
      }
      try {
        before.join();
      } catch (InterruptedException e) {
        // Told to stop: the loop looks at it.
        LOG.debug("Woken to stop before the first scrape");
      } finally {
        endWaiting();
      }
    }
    if (before != null) {
      group = before.left;
      before.left = null;
    }
    ticks.begin(before == null ? null : before.ticks);
    predecessor = null;
    return true;
  }

  private @Nullable ScrapeSession session() {
    try {
      return settings
          .client()
          .session(
              target.targetUrl().http(),
              target.unixSocket(),
              target.timeout(),
              settings.bodyLimit());
    } catch (IllegalArgumentException e) {
      urlError = "Get \"" + target.scrapeUrl() + "\": " + e.getMessage();
      return null;
    }
  }

  /** A mistake of ours in one scrape must not end the target. */
  private void scrapeSafely() {
    try {
      scrape(Objects.requireNonNull(group), ticks.time());
    } catch (RuntimeException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue("scrape_pool", target.scrapePool())
          .addKeyValue("target", target.scrapeUrl())
          .log("Scrape failed unexpectedly");
      target.report(
          new Target.LastScrape(
              TargetHealth.DOWN,
              String.valueOf(e),
              Instant.ofEpochMilli(clock.millis()),
              0,
              ScrapedSamples.NONE));
    }
  }

  private void finish(AppendGroup owned) {
    boolean hasSeries = hasScraped || continues;
    if (end() == End.REMOVED && hasSeries) {
      sleep(ticks.next() - clock.nanos(), End.REMOVED);
      long staleAt = clock.millis();
      long interval = target.interval().toNanos();
      sleep(ticks.next() + interval - clock.nanos(), End.REMOVED);
      sleep(interval / 10, End.REMOVED);
      if (end() == End.REMOVED) {
        endSeries(owned, staleAt);
      }
    }
    if (end() == End.SHUTDOWN && hasSeries && settings.options().staleOnShutdown()) {
      endSeries(owned, clock.millis());
    }
  }

  private void endSeries(AppendGroup owned, long time) {
    Appender appender = owned.appender();
    PageAppender.allStale(target.cache(), appender, time);
    reports.end(appender, time);
    commit(appender);
  }

  /** Sleeps, unless the loop shall stop for a reason stronger than the given one. */
  private void sleep(long nanos, End unless) {
    if (nanos <= 0 || !beginWaiting(Waiting.SLEEPING, unless)) {
      return;
    }
    try {
      clock.sleep(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      // Told to stop: who called looks at the end.
      LOG.debug("Woken to stop");
    } finally {
      endWaiting();
    }
  }

  private synchronized boolean beginWaiting(Waiting how, End unless) {
    if (end.compareTo(unless) > 0 && (how == Waiting.SLEEPING || end == End.SHUTDOWN)) {
      return false;
    }
    waiting = how;
    waiter = Thread.currentThread();
    return true;
  }

  private synchronized void endWaiting() {
    waiter = null;
    // An interrupt that came too late for the wait must not hit the storage.
    Thread.interrupted();
  }

  private void scrape(AppendGroup owned, long time) {
    long start = clock.nanos();
    Instant startedAt = Instant.ofEpochMilli(clock.millis());
    if (hasScraped) {
      if (intervals == null) {
        intervals = settings.metrics().intervals(target.interval());
      }
      intervals.observe((start - lastStart) / 1e9);
    }
    Outcome outcome = new Outcome();
    String forced = forcedError;
    outcome.isForced = !forced.isEmpty();
    outcome.error = outcome.isForced ? forced : urlError;
    Body body = outcome.error.isEmpty() ? fetch(outcome) : null;
    try {
      if (end() == End.SHUTDOWN && body == null) {
        return;
      }
      if (body == null) {
        write(owned, time, start, startedAt, outcome, null, null);
      } else {
        outcome.bytes = body.length();
        PageAppender pages = settings.workers().take();
        try {
          write(owned, time, start, startedAt, outcome, body, pages);
        } finally {
          settings.workers().give(pages);
        }
      }
    } finally {
      if (body != null) {
        body.close();
      }
    }
    lastStart = start;
    hasScraped = true;
    settings.metrics().scrapeDuration.observe((clock.nanos() - start) / 1e9);
  }

  /** What a scrape has come to so far. */
  private static final class Outcome {
    String error = "";
    boolean isForced;
    List<LeftOut> leftOut = List.of();
    int bytes;
    int scraped;
    int kept;
    int added;
  }

  private @Nullable Body fetch(Outcome outcome) {
    ScrapeSession to = session;
    if (to == null || !beginWaiting(Waiting.FETCHING, End.NONE)) {
      return null;
    }
    try {
      return to.fetch();
    } catch (ScrapeException e) {
      outcome.error = String.valueOf(e.getMessage());
      if (e.kind() == ScrapeException.Kind.BODY_SIZE) {
        outcome.bytes = -1;
        settings.metrics().exceededBodySize.inc();
      }
      return null;
    } finally {
      endWaiting();
    }
  }

  private void write(
      AppendGroup owned,
      long time,
      long start,
      Instant startedAt,
      Outcome outcome,
      @Nullable Body body,
      @Nullable PageAppender pages) {
    Appender appender = owned.appender();
    if (body != null && pages != null) {
      try {
        append(appender, time, body, pages);
      } catch (ExpositionException | PageException | ContentTypes.UnsupportedContentType e) {
        outcome.error = String.valueOf(e.getMessage());
        count(e, pages);
        LeftOut.Reason reason =
            e instanceof PageException broken
                ? LeftOut.Reason.of(broken.rule())
                : LeftOut.Reason.BAD_PAGE;
        outcome.leftOut = List.of(new LeftOut(reason, null, pages.counts().scraped()));
        appender.rollback();
        appender = owned.appender();
      }
      PageCounts counts = pages.counts();
      outcome.scraped = counts.scraped();
      outcome.kept = counts.kept();
      outcome.added = counts.added();
      settings.metrics().leftOut(target, counts);
      if (outcome.error.isEmpty()) {
        outcome.leftOut = LeftOut.of(counts, settings.metricRelabelling());
      }
    }
    if (!outcome.error.isEmpty()) {
      LOG.atDebug()
          .addKeyValue("scrape_pool", target.scrapePool())
          .addKeyValue("target", target.scrapeUrl())
          .addKeyValue("err", outcome.error)
          .log("Scrape failed");
      if (!outcome.isForced) {
        settings
            .failures()
            .failed(
                settings.failureLogFile(), target.scrapePool(), target.scrapeUrl(), outcome.error);
      }
      PageAppender.allStale(target.cache(), appender, time);
    }
    report(appender, time, start, startedAt, outcome);
    commit(appender);
  }

  private void append(Appender appender, long time, Body body, PageAppender pages) {
    ExpositionFormat format =
        body.length() == 0
            ? ExpositionFormat.TEXT
            : ContentTypes.format(body.contentType(), settings.fallback());
    pages.append(
        body.bytes(),
        0,
        body.length(),
        format,
        target.cache(),
        rules,
        target.labels(),
        appender,
        time);
  }

  private void count(RuntimeException e, PageAppender pages) {
    if (e instanceof PageException broken) {
      switch (broken.rule()) {
        case SAMPLE_LIMIT -> settings.metrics().exceededSampleLimit.inc();
        case LABEL_LIMIT -> settings.metrics().exceededLabelLimits.inc();
        case BUCKET_LIMIT -> settings.metrics().exceededBucketLimit.inc();
        case NAMES, HISTOGRAM -> {}
      }
    }
    if (pages.takeFlushForced()) {
      settings.metrics().flushForced.inc();
    }
  }

  private void report(
      Appender appender, long time, long start, Instant startedAt, Outcome outcome) {
    double seconds = (clock.nanos() - start) / 1e9;
    boolean up = outcome.error.isEmpty();
    target.report(
        new Target.LastScrape(
            up ? TargetHealth.UP : TargetHealth.DOWN,
            outcome.error,
            startedAt,
            seconds,
            new ScrapedSamples(outcome.scraped, outcome.kept, outcome.added, outcome.leftOut)));
    reports.append(
        appender,
        time,
        new double[] {
          up ? 1 : 0,
          seconds,
          outcome.scraped,
          outcome.kept,
          outcome.added,
          target.timeout().toNanos() / 1e9,
          rules.limits().samples(),
          outcome.bytes
        });
  }

  private void commit(Appender appender) {
    try {
      appender.commit();
    } catch (StorageException e) {
      LOG.atError()
          .addKeyValue("scrape_pool", target.scrapePool())
          .addKeyValue("target", target.scrapeUrl())
          .addKeyValue("err", e.getMessage())
          .log("Scrape commit failed");
    }
  }
}
