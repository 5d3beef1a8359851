package io.narthex.server;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the process uses: {@code process_*} as every client library has them, {@code jvm_*} of the
 * collector and the memory, and those of Go's names that dashboards read and that have a meaning
 * here.
 */
final class ProcessMetrics {

  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;
  private static final long PAGE_BYTES = 4096;
  private static final Path STATM = Path.of("/proc/self/statm");

  private ProcessMetrics() {}

  /**
   * Registers them.
   *
   * @param startMillis when the process began, since the epoch
   */
  static void register(PrometheusRegistry registry, long startMillis) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    counter(
        registry,
        "process_cpu_seconds_total",
        "Total user and system CPU time spent in seconds.",
        () -> system.getProcessCpuTime() / NANOS);
    gauge(
        registry,
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        () -> startMillis / MILLIS);
    gauge(
        registry,
        "process_resident_memory_bytes",
        "Resident memory size in bytes.",
        () -> statm(1) * (double) PAGE_BYTES);
    gauge(
        registry,
        "process_virtual_memory_bytes",
        "Virtual memory size in bytes.",
        () -> statm(0) * (double) PAGE_BYTES);
    if (system instanceof UnixOperatingSystemMXBean unix) {
      gauge(
          registry,
          "process_open_fds",
          "Number of open file descriptors.",
          unix::getOpenFileDescriptorCount);
      gauge(
          registry,
          "process_max_fds",
          "Maximum number of open file descriptors.",
          unix::getMaxFileDescriptorCount);
    }
    gauge(
        registry,
        "go_goroutines",
        "Number of threads of the JVM.",
        () -> ManagementFactory.getThreadMXBean().getThreadCount());
    gauge(
        registry,
        "go_memstats_heap_inuse_bytes",
        "Bytes of the heap that are in use.",
        () -> memory.getHeapMemoryUsage().getUsed());
    gauge(
        registry,
        "go_memstats_next_gc_bytes",
        "Bytes of the heap that are committed.",
        () -> memory.getHeapMemoryUsage().getCommitted());
    Info.builder()
        .name("go_info")
        .help("Information about the environment: a JVM.")
        .labelNames("version")
        .register(registry)
        .addLabelValues("java" + Runtime.version());
    jvm(registry, memory);
  }

  private static void jvm(PrometheusRegistry registry, MemoryMXBean memory) {
    GaugeWithCallback.builder()
        .name("jvm_memory_used_bytes")
        .help("Used bytes of a given JVM memory area.")
        .labelNames("area")
        .callback(callback -> {
          callback.call(memory.getHeapMemoryUsage().getUsed(), "heap");
          callback.call(memory.getNonHeapMemoryUsage().getUsed(), "nonheap");
        })
        .register(registry);
    gauge(
        registry,
        "jvm_memory_max_heap_bytes",
        "Most bytes that the heap may take.",
        () -> memory.getHeapMemoryUsage().getMax());
    List<BufferPoolMXBean> pools = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class);
    GaugeWithCallback.builder()
        .name("jvm_buffer_pool_used_bytes")
        .help("Used bytes of a given JVM buffer pool.")
        .labelNames("pool")
        .callback(
            callback -> pools.forEach(pool -> callback.call(pool.getMemoryUsed(), pool.getName())))
        .register(registry);
    List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
    CounterWithCallback.builder()
        .name("jvm_gc_pause_seconds_total")
        .help("Seconds that the collectors have taken.")
        .labelNames("gc")
        .callback(callback ->
            collectors.forEach(gc -> callback.call(gc.getCollectionTime() / MILLIS, gc.getName())))
        .register(registry);
    CounterWithCallback.builder()
        .name("jvm_gc_collections_total")
        .help("How often the collectors ran.")
        .labelNames("gc")
        .callback(callback ->
            collectors.forEach(gc -> callback.call(gc.getCollectionCount(), gc.getName())))
        .register(registry);
  }

  /** A field of the process' memory, in pages; 0 where the machine does not say. */
  static long statm(int field) {
    try {
      return Long.parseLong(Files.readString(STATM).split(" ", -1)[field]);
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  /** A number that is asked for when somebody looks. */
  interface Value {
    double get();
  }

  static void gauge(PrometheusRegistry registry, String name, String help, Value value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.get()))
        .register(registry);
  }

  private static void counter(PrometheusRegistry registry, String name, String help, Value value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.get()))
        .register(registry);
  }
}
