package io.narthex.scrape;

import io.narthex.base.time.Clock;
import io.narthex.model.exposition.ScrapeProtocol;
import io.narthex.model.relabel.RelabelConfig;
import io.narthex.net.scrape.ScrapeClient;
import io.narthex.scrape.append.SampleRules;
import io.narthex.scrape.failure.FailureLogs;
import io.narthex.storage.Appendable;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the loops of a pool have in common.
 *
 * @param client the way to the targets
 * @param rules what happens to their samples
 * @param bodyLimit a body of this many bytes is too large; 0 for no limit
 * @param fallback how a body of unknown type is read, or null
 * @param extraMetrics whether scrape_timeout_seconds, scrape_sample_limit and
 *     scrape_body_size_bytes are reported too
 * @param metricRelabelling the rules that are part of {@code rules}, to be named
 * @param failures where failed scrapes are noted
 * @param failureLogFile the job's file among them, or empty
 * @param threads makes the virtual threads that the scrapes run on
 * @param whenOver is told of each loop that has ended
 */
record LoopSettings(
    ScrapeClient client,
    SampleRules rules,
    long bodyLimit,
    @Nullable ScrapeProtocol fallback,
    Appendable storage,
    Workers workers,
    Clock clock,
    ScrapeMetrics metrics,
    ScrapeOptions options,
    boolean extraMetrics,
    List<RelabelConfig> metricRelabelling,
    FailureLogs failures,
    String failureLogFile,
    ThreadFactory threads,
    Consumer<ScrapeLoop> whenOver) {}
