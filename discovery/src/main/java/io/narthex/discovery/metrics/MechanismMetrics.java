package io.narthex.discovery.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What single mechanisms count, under upstream's names; all of it is there from the start. */
public final class MechanismMetrics {

  private final PrometheusRegistry registry;
  private final Counter azureFailures;
  private final Counter azureCacheHits;
  private final Summary consulCalls;
  private final Counter consulFailures;
  private final Counter dnsLookups;
  private final Counter dnsFailures;
  private final Counter httpFailures;
  private final Summary kumaFetches;
  private final Counter kumaFailures;
  private final Counter kumaSkipped;
  private final Counter linodeFailures;
  private final Counter nomadFailures;
  private final Counter zooKeeperFailures;
  private final Gauge zooKeeperWatchers;

  /** Registers the metrics. */
  public MechanismMetrics(PrometheusRegistry registry) {
    this.registry = registry;
    azureFailures =
        counter("azure_failures_total", "Number of Azure service discovery refresh failures.");
    azureCacheHits = counter("azure_cache_hit_total", "Number of cache hit during refresh.");
    consulCalls =
        Summary.builder()
            .name("prometheus_sd_consul_rpc_duration_seconds")
            .help("The duration of a Consul RPC call in seconds.")
            .labelNames("endpoint", "call")
            .quantile(0.5, 0.05)
            .quantile(0.9, 0.01)
            .quantile(0.99, 0.001)
            .register(registry);
    consulCalls.initLabelValues("catalog", "service");
    consulCalls.initLabelValues("catalog", "services");
    consulFailures =
        counter("consul_rpc_failures_total", "The number of Consul RPC call failures.");
    dnsLookups = counter("dns_lookups_total", "The number of DNS-SD lookups.");
    dnsFailures = counter("dns_lookup_failures_total", "The number of DNS-SD lookup failures.");
    httpFailures =
        counter("http_failures_total", "Number of HTTP service discovery refresh failures.");
    kumaFetches =
        Summary.builder()
            .name("prometheus_sd_kuma_fetch_duration_seconds")
            .help("The duration of a Kuma MADS fetch call.")
            .quantile(0.5, 0.05)
            .quantile(0.9, 0.01)
            .quantile(0.99, 0.001)
            .register(registry);
    kumaFailures =
        counter("kuma_fetch_failures_total", "The number of Kuma MADS fetch call failures.");
    kumaSkipped =
        counter(
            "kuma_fetch_skipped_updates_total",
            "The number of Kuma MADS fetch calls that result in no updates to the targets.");
    linodeFailures =
        counter("linode_failures_total", "Number of Linode service discovery refresh failures.");
    nomadFailures =
        counter("nomad_failures_total", "Number of nomad service discovery refresh failures.");
    zooKeeperFailures =
        Counter.builder()
            .name("prometheus_treecache_zookeeper_failures_total")
            .help("The total number of ZooKeeper failures.")
            .register(registry);
    zooKeeperFailures.inc(0);
    zooKeeperWatchers =
        Gauge.builder()
            .name("prometheus_treecache_watcher_goroutines")
            .help("The current number of watcher goroutines.")
            .register(registry);
  }

  private Counter counter(String name, String help) {
    Counter counter = Counter.builder().name("prometheus_sd_" + name).help(help).register(registry);
    counter.inc(0);
    return counter;
  }

  /** Azure did not answer. */
  public void azureFailed() {
    azureFailures.inc();
  }

  /** A network interface of Azure was known from before. */
  public void azureCacheHit() {
    azureCacheHits.inc();
  }

  /**
   * Consul was called.
   *
   * @param endpoint {@code catalog}; upstream says so of both calls
   * @param call {@code service} for the instances of one, {@code services} for all names
   */
  public void consulCalled(String endpoint, String call, double seconds) {
    consulCalls.labelValues(endpoint, call).observe(seconds);
  }

  /** Consul did not answer. */
  public void consulFailed() {
    consulFailures.inc();
  }

  /** A name was looked up. */
  public void dnsLookup() {
    dnsLookups.inc();
  }

  /** A name could not be looked up. */
  public void dnsFailed() {
    dnsFailures.inc();
  }

  /** A list of targets could not be fetched. */
  public void httpFailed() {
    httpFailures.inc();
  }

  /** Kuma was asked. */
  public void kumaFetched(double seconds) {
    kumaFetches.observe(seconds);
  }

  /** Kuma did not answer. */
  public void kumaFailed() {
    kumaFailures.inc();
  }

  /** Kuma had nothing new. */
  public void kumaSkipped() {
    kumaSkipped.inc();
  }

  /** Linode did not answer. */
  public void linodeFailed() {
    linodeFailures.inc();
  }

  /** Nomad did not answer. */
  public void nomadFailed() {
    nomadFailures.inc();
  }

  /** ZooKeeper did not answer, or not as hoped. */
  public void zooKeeperFailed() {
    zooKeeperFailures.inc();
  }

  /** That many more nodes of ZooKeeper are watched than before; upstream has a thread for each. */
  public void zooKeeperWatching(int more) {
    zooKeeperWatchers.inc(more);
  }
}
