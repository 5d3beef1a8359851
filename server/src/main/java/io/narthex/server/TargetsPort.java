package io.narthex.server;

import io.narthex.api.port.Targets;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.relabel.RelabelConfig;
import io.narthex.scrape.DropRule;
import io.narthex.scrape.DroppedTarget;
import io.narthex.scrape.FaultyTarget;
import io.narthex.scrape.ScrapeManager;
import io.narthex.scrape.ScrapedSamples;
import io.narthex.scrape.Target;
import io.narthex.scrape.cache.MetricMetadata;
import io.narthex.scrape.config.ScrapeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives the HTTP API the targets. */
final class TargetsPort implements Targets {

  private static final double NANOS = 1e9;

  private final ScrapeManager scraping;
  private final ExternalAddress address;

  TargetsPort(ScrapeManager scraping, ExternalAddress address) {
    this.scraping = scraping;
    this.address = address;
  }

  @Override
  public List<String> pools() {
    return scraping.scrapePools();
  }

  @Override
  public List<Active> active() {
    List<Active> all = new ArrayList<>();
    for (List<Target> pool : scraping.activeTargets().values()) {
      pool.forEach(target -> all.add(active(target)));
    }
    return all;
  }

  private Active active(Target target) {
    Target.LastScrape last = target.lastScrape();
    return new Active(
        target.scrapePool(),
        target.discoveredLabels(),
        target.labels(),
        target.scrapeUrl(),
        target.globalUrl(address.scheme(), address.host() + ":" + address.port(), address.port()),
        health(last),
        last.error(),
        last.at().toEpochMilli(),
        (long) (last.seconds() * NANOS),
        target.intervalText(),
        target.timeoutText(),
        samples(last.samples()));
  }

  private static Samples samples(ScrapedSamples samples) {
    List<LeftOut> leftOut =
        samples.leftOut().stream()
            .map(some -> {
              DropRule rule = some.rule();
              return new LeftOut(
                  some.reason().text(), rule == null ? null : rule(rule), some.samples());
            })
            .toList();
    return new Samples(samples.scraped(), samples.kept(), samples.added(), leftOut);
  }

  private static Rule rule(DropRule rule) {
    return new Rule(rule.index(), rule.config());
  }

  private static Health health(Target.LastScrape last) {
    return switch (last.health()) {
      case UNKNOWN -> Health.UNKNOWN;
      case UP -> Health.UP;
      case DOWN -> Health.DOWN;
    };
  }

  @Override
  public List<Dropped> dropped() {
    List<Dropped> all = new ArrayList<>();
    for (List<DroppedTarget> pool : scraping.droppedTargets().values()) {
      for (DroppedTarget target : pool) {
        all.add(new Dropped(target.scrapePool(), target.discoveredLabels(), rule(target.rule())));
      }
    }
    return all;
  }

  @Override
  public List<Faulty> faulty() {
    List<Faulty> all = new ArrayList<>();
    for (List<FaultyTarget> pool : scraping.faultyTargets().values()) {
      for (FaultyTarget target : pool) {
        all.add(new Faulty(target.scrapePool(), target.discoveredLabels(), target.error()));
      }
    }
    return all;
  }

  @Override
  public @Nullable List<RelabelConfig> relabelling(String pool) {
    ScrapeConfig config = scraping.configs().get(pool);
    return config == null ? null : config.relabelling();
  }

  @Override
  public @Nullable String configuration(String pool) {
    ScrapeConfig config = scraping.configs().get(pool);
    return config == null ? null : YamlWriter.print(config::write);
  }

  @Override
  public Map<String, Integer> droppedCounts() {
    return scraping.droppedTargetCounts();
  }

  @Override
  public List<Described> metadata(String metric) {
    List<Described> all = new ArrayList<>();
    for (List<Target> pool : scraping.activeTargets().values()) {
      for (Target target : pool) {
        List<MetricMetadata> said =
            metric.isEmpty() ? target.metadata() : only(target.metadata(metric));
        all.add(new Described(target.labels(), said.stream().map(TargetsPort::metadata).toList()));
      }
    }
    return all;
  }

  private static List<MetricMetadata> only(@Nullable MetricMetadata one) {
    return one == null ? List.of() : List.of(one);
  }

  private static Metadata metadata(MetricMetadata m) {
    return new Metadata(m.family(), m.type().text(), m.help(), m.unit());
  }
}
