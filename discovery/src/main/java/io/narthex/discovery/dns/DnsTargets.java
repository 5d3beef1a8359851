package io.narthex.discovery.dns;

import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.metrics.MechanismMetrics;
import io.narthex.discovery.refresh.Source;
import io.narthex.net.dns.DnsRecord;
import io.narthex.net.dns.DnsResolver;
import io.narthex.net.dns.RecordType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks all names up at once; each is a group of its own. A name that cannot be looked up keeps
 * what it had, whatever becomes of the others.
 */
final class DnsTargets implements Source {

  private static final Logger LOG = LoggerFactory.getLogger(DnsTargets.class);

  private final DnsConfig config;
  private final DnsResolver resolver;
  private final MechanismMetrics metrics;
  private final RecordType type;
  private final DnsLabels labels;

  /** The groups of the names that were ever found out. */
  private final Map<String, TargetGroup> last = new HashMap<>();

  DnsTargets(DnsConfig config, DiscoveryContext context, DnsResolver resolver) {
    this.config = config;
    this.resolver = resolver;
    this.metrics = context.metrics().mechanisms();
    this.type = RecordType.valueOf(config.type().toUpperCase(Locale.ROOT));
    this.labels = new DnsLabels(config.port());
  }

  @Override
  public List<TargetGroup> refresh() throws InterruptedException {
    Map<String, Future<List<DnsRecord>>> lookups = new LinkedHashMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String name : new LinkedHashSet<>(config.names())) {
        lookups.put(name, threads.submit(() -> lookup(name)));
      }
      try {
        return groups(lookups);
      } catch (InterruptedException e) {
        threads.shutdownNow();
        throw e;
      }
    }
  }

  private List<DnsRecord> lookup(String name) throws IOException {
    metrics.dnsLookup();
    return resolver.lookup(name, type);
  }

  private List<TargetGroup> groups(Map<String, Future<List<DnsRecord>>> lookups)
      throws InterruptedException {
    List<TargetGroup> groups = new ArrayList<>();
    for (Map.Entry<String, Future<List<DnsRecord>>> lookup : lookups.entrySet()) {
      String name = lookup.getKey();
      try {
        last.put(name, labels.group(name, lookup.getValue().get()));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof IOException why)) {
          throw new IllegalStateException(e);
        }
        metrics.dnsFailed();
        LOG.atError()
            .addKeyValue("name", name)
            .addKeyValue("err", why.getMessage())
            .log("Error refreshing DNS targets");
      }
      TargetGroup known = last.get(name);
      if (known != null) {
        groups.add(known);
      }
    }
    return groups;
  }
}
