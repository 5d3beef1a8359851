package io.narthex.scrape;

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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scrapes one target at each tick, on a virtual thread of its own, and writes what it found and how
 * it went. Each scrape is one commit: its samples, the stale markers of what vanished, and the
 * report become visible together.
 *
 * <p><b>Time.</b> The first scrape comes at the target's offset within the interval, which depends
 * only on the target and the seed, so that a restart finds the same ticks. A scrape that is late by
 * no more than the tolerance gets the tick's time, which makes the storage smaller. Ticks that were
 * missed are not made up for. A loop that replaces another one with the same interval goes on with
 * its ticks: the one that came due while they changed over is the successor's first.
 *
 * <p><b>Ends.</b> A loop whose target is gone waits two more intervals and a tenth before it ends
 * the series: if the target comes back meanwhile, in another loop, the markers are older than its
 * samples and are ignored. A loop that another one replaces leaves the series alone. At shutdown a
 * running fetch is given up; otherwise never.
 *
 * <p><b>Interrupts</b> only ever come while the thread sleeps or fetches: they would close the
 * files of a storage that is just committing.
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
    NOT,
    SLEEPING,
    FETCHING
  }

  private final Target target;
  private final LoopSettings settings;
  private final Clock clock;
  private final boolean continues;
  private final boolean invalidates;
  private final Thread thread;
  private final ReportSeries reports;
  private final SampleRules rules;
  private volatile String forcedError = "";

  /** In place of the time of a tick, when there has not been one. */
  private static final long NOT_YET = Long.MIN_VALUE;

  /** Set when the loop is over, for its successor. */
  private volatile @Nullable Beat beat;

  /** Set when the loop is over and has been replaced: closed by the successor. */
  private volatile @Nullable AppendGroup left;

  /**
   * Where a loop was in time when it ended.
   *
   * @param tick when its next scrape was due, as the clock's nanoseconds
   * @param aligned the time of its last tick in milliseconds, or {@link #NOT_YET}
   * @param interval in nanoseconds
   */
  private record Beat(long tick, long aligned, long interval) {}

  // Guarded by this.
  private End end = End.NONE;
  private Waiting waiting = Waiting.NOT;

  // Of the loop's own thread.
  private @Nullable ScrapeLoop predecessor;
  private @Nullable ScrapeSession session;
  private String urlError = "";
  private long lastStart;
  private boolean hasScraped;
  private ScrapeMetrics.@Nullable Intervals intervals;
  private @Nullable Beat inherited;
  private @Nullable AppendGroup inheritedGroup;

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
    this.thread = Thread.ofVirtual().name("scrape-" + target.scrapePool()).unstarted(this::run);
  }

  Target target() {
    return target;
  }

  void start() {
    thread.start();
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
    if (waiting == Waiting.SLEEPING || (waiting == Waiting.FETCHING && end == End.SHUTDOWN)) {
      thread.interrupt();
    }
  }

  void join() throws InterruptedException {
    thread.join();
  }

  /** Whether it has been started and is over. */
  boolean hasEnded() {
    return thread.getState() == Thread.State.TERMINATED;
  }

  private synchronized End end() {
    return end;
  }

  private void run() {
    try {
      if (!awaitPredecessor()) {
        return;
      }
      if (invalidates) {
        target.cache().invalidate();
      }
      session = session();
      write();
    } finally {
      if (session != null) {
        session.close();
      }
      settings.whenOver().accept(this);
    }
  }

  /**
   * Scrapes as the owner of the target's series, which a loop that is replaced leaves to its
   * successor.
   */
  private void write() {
    AppendGroup before = inheritedGroup;
    AppendGroup group = before == null ? settings.storage().group() : before;
    inheritedGroup = null;
    boolean over = false;
    try {
      loop(group);
      over = true;
    } finally {
      if (over && end() == End.REPLACED) {
        left = group;
      } else {
        group.close();
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
      inherited = before.beat;
      inheritedGroup = before.left;
      before.left = null;
    }
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

  private void loop(AppendGroup group) {
    long interval = target.interval().toNanos();
    Beat first = first(interval);
    long tick = first.tick;
    sleep(tick - clock.nanos(), End.NONE);
    long aligned = first.aligned == NOT_YET ? clock.millis() : first.aligned;
    boolean ticked = first.aligned != NOT_YET;
    while (end() == End.NONE) {
      ticked = true;
      long now = clock.millis();
      aligned = aligned(now, aligned);
      boolean adjusts = settings.options().adjustTimestamps() && isNear(now, aligned);
      scrapeSafely(group, adjusts ? aligned : now);
      tick += interval;
      long late = clock.nanos() - tick;
      if (late >= interval) {
        tick += late / interval * interval;
      }
      sleep(tick - clock.nanos(), End.NONE);
    }
    beat = new Beat(tick, ticked ? aligned : NOT_YET, interval);
    finish(group, tick);
  }

  /** Where the ticks of the predecessor go on, or else the first of the target's own. */
  private Beat first(long interval) {
    Beat before = inherited;
    if (before == null || before.interval != interval) {
      return new Beat(clock.nanos() + offset(interval), NOT_YET, interval);
    }
    long late = clock.nanos() - before.tick;
    return late < interval
        ? before
        : new Beat(before.tick + late / interval * interval, before.aligned, interval);
  }

  /** A mistake of ours in one scrape must not end the target. */
  private void scrapeSafely(AppendGroup group, long time) {
    try {
      scrape(group, time);
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

  /** The last tick at or before now. A clock that was set back starts the ticks anew. */
  private long aligned(long now, long aligned) {
    long behind = now - aligned;
    long interval = Math.max(1, target.interval().toMillis());
    if (behind >= interval) {
      return aligned + behind / interval * interval;
    }
    return behind < -interval ? now : aligned;
  }

  private boolean isNear(long now, long aligned) {
    long tolerance =
        Math.min(
            target.interval().toNanos() / 100, settings.options().timestampTolerance().toNanos());
    return (now - aligned) * 1_000_000 <= tolerance;
  }

  /** Nanoseconds until the target's next tick, which depend on nothing but target and seed. */
  private long offset(long interval) {
    long now = clock.millis() * 1_000_000;
    long base = interval - now % interval;
    long offset = Long.remainderUnsigned(target.hash() ^ settings.options().offsetSeed(), interval);
    long next = base + offset;
    return next > interval ? next - interval : next;
  }

  private void finish(AppendGroup group, long tick) {
    boolean hasSeries = hasScraped || continues;
    if (end() == End.REMOVED && hasSeries) {
      sleep(tick - clock.nanos(), End.REMOVED);
      long staleAt = clock.millis();
      long interval = target.interval().toNanos();
      sleep(tick + interval - clock.nanos(), End.REMOVED);
      sleep(interval / 10, End.REMOVED);
      if (end() == End.REMOVED) {
        endSeries(group, staleAt);
      }
    }
    if (end() == End.SHUTDOWN && hasSeries && settings.options().staleOnShutdown()) {
      endSeries(group, clock.millis());
    }
  }

  private void endSeries(AppendGroup group, long time) {
    Appender appender = group.appender();
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
    return true;
  }

  private synchronized void endWaiting() {
    waiting = Waiting.NOT;
    // An interrupt that came too late for the wait must not hit the storage.
    Thread.interrupted();
  }

  private void scrape(AppendGroup group, long time) {
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
        write(group, time, start, startedAt, outcome, null, null);
      } else {
        outcome.bytes = body.length();
        PageAppender pages = settings.workers().take();
        try {
          write(group, time, start, startedAt, outcome, body, pages);
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
      AppendGroup group,
      long time,
      long start,
      Instant startedAt,
      Outcome outcome,
      @Nullable Body body,
      @Nullable PageAppender pages) {
    Appender appender = group.appender();
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
        appender = group.appender();
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
