package io.narthex.discovery.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * What is counted of Kubernetes, under upstream's names: requests, events, and the queues of what
 * is to be looked at again. Thread-safe.
 */
public final class KubernetesMetrics {

  private static final String[] ROLES = {
    "endpointslice", "endpoints", "node", "pod", "service", "ingress"
  };
  private static final String[] EVENTS = {"add", "delete", "update"};

  private static final long IDLE = Long.MIN_VALUE;

  private final Counter events;
  private final Counter failures;
  private final Counter requests;
  private final Summary requestDuration;
  private final Gauge depth;
  private final Counter items;
  private final Summary latency;
  private final Summary workDuration;

  /** The queues that are in use, by name; a name that was used once stays. */
  private final Map<String, Collection<Queue>> queues = new ConcurrentHashMap<>();

  /** Registers the metrics. */
  public KubernetesMetrics(PrometheusRegistry registry) {
    String prefix = "prometheus_sd_kubernetes_";
    events =
        Counter.builder()
            .name(prefix + "events_total")
            .help("The number of Kubernetes events handled.")
            .labelNames("role", "event")
            .register(registry);
    for (String role : ROLES) {
      for (String event : EVENTS) {
        events.initLabelValues(role, event);
      }
    }
    failures =
        Counter.builder()
            .name(prefix + "failures_total")
            .help("The number of failed WATCH/LIST requests.")
            .register(registry);
    failures.inc(0);
    requests =
        Counter.builder()
            .name(prefix + "http_request_total")
            .help("Total number of HTTP requests to the Kubernetes API by status code.")
            .labelNames("status_code")
            .register(registry);
    requestDuration =
        Summary.builder()
            .name(prefix + "http_request_duration_seconds")
            .help("Summary of latencies for HTTP requests to the Kubernetes API by endpoint.")
            .labelNames("endpoint")
            .register(registry);
    String queue = prefix + "workqueue_";
    depth =
        Gauge.builder()
            .name(queue + "depth")
            .help("Current depth of the work queue.")
            .labelNames("queue_name")
            .register(registry);
    items =
        Counter.builder()
            .name(queue + "items_total")
            .help("Total number of items added to the work queue.")
            .labelNames("queue_name")
            .register(registry);
    latency =
        Summary.builder()
            .name(queue + "latency_seconds")
            .help("How long an item stays in the work queue.")
            .labelNames("queue_name")
            .register(registry);
    workDuration =
        Summary.builder()
            .name(queue + "work_duration_seconds")
            .help("How long processing an item from the work queue takes.")
            .labelNames("queue_name")
            .register(registry);
    running(
        registry,
        queue + "unfinished_work_seconds",
        "How long an item has remained unfinished in the work queue.",
        DoubleStream::sum);
    running(
        registry,
        queue + "longest_running_processor_seconds",
        "Duration of the longest running processor in the work queue.",
        times -> times.max().orElse(0));
  }

  private void running(
      PrometheusRegistry registry,
      String name,
      String help,
      ToDoubleFunction<DoubleStream> together) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("queue_name")
        .callback(gauge ->
            new TreeMap<>(queues)
                .forEach((queue, users) ->
                    gauge.call(
                        together.applyAsDouble(users.stream().mapToDouble(Queue::runningSeconds)),
                        queue)))
        .register(registry);
  }

  /**
   * An object was added, updated or deleted.
   *
   * @param role its kind, as a role
   */
  public void event(String role, String event) {
    events.labelValues(role, event).inc();
  }

  /** A list or a watch failed. */
  public void failed() {
    failures.inc();
  }

  /** A request was answered with this status, or was not answered. */
  public void requested(String status) {
    requests.labelValues(status).inc();
  }

  /** How long a request took. */
  public void took(String endpoint, double seconds) {
    requestDuration.labelValues(endpoint).observe(seconds);
  }

  /**
   * Begins to count a queue, together with others of its name.
   *
   * @param nanos a stopwatch
   */
  public Queue queue(String name, LongSupplier nanos) {
    depth.labelValues(name).inc(0);
    items.labelValues(name).inc(0);
    latency.initLabelValues(name);
    workDuration.initLabelValues(name);
    Queue queue = new Queue(name, nanos);
    queues.computeIfAbsent(name, n -> new CopyOnWriteArrayList<>()).add(queue);
    return queue;
  }

  /** What is counted of one queue; used by one thread. */
  public final class Queue implements AutoCloseable {

    private final String name;
    private final LongSupplier nanos;
    private int waiting;
    private volatile long begun = IDLE;

    private Queue(String name, LongSupplier nanos) {
      this.name = name;
      this.nanos = nanos;
    }

    /** Something was put into it. */
    public void added() {
      waiting++;
      depth.labelValues(name).inc();
      items.labelValues(name).inc();
    }

    /** Something is taken out of it, and work on it begins; it was put there at this time. */
    public void begun(long since) {
      waiting--;
      depth.labelValues(name).dec();
      long now = nanos.getAsLong();
      latency.labelValues(name).observe((now - since) / 1e9);
      begun = now;
    }

    /** The work is done. */
    public void done() {
      workDuration.labelValues(name).observe((nanos.getAsLong() - begun) / 1e9);
      begun = IDLE;
    }

    private double runningSeconds() {
      long since = begun;
      return since == IDLE ? 0 : (nanos.getAsLong() - since) / 1e9;
    }

    /** The queue is no longer in use. */
    @Override
    public void close() {
      depth.labelValues(name).dec(waiting);
      waiting = 0;
      begun = IDLE;
      queues.getOrDefault(name, new CopyOnWriteArrayList<>()).remove(this);
    }
  }
}
