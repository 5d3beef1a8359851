package io.narthex.server;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.core.metrics.SummaryWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Quantiles;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

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
    counter(
        registry,
        "process_cpu_seconds_total",
        "Total user and system CPU time spent in seconds.",
        () -> Jvm.SYSTEM.getProcessCpuTime() / NANOS);
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
    gauge(
        registry,
        "process_open_fds",
        "Number of open file descriptors.",
        () ->
            Jvm.SYSTEM instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0);
    gauge(
        registry,
        "process_max_fds",
        "Maximum number of open file descriptors.",
        () ->
            Jvm.SYSTEM instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : 0);
    go(registry);
    jvm(registry);
  }

  /** Those of Go's names that dashboards of Prometheus read. */
  private static void go(PrometheusRegistry registry) {
    gauge(registry, "go_goroutines", "Number of threads of the JVM.", ProcessMetrics::threads);
    gauge(registry, "go_threads", "Number of threads of the JVM.", ProcessMetrics::threads);
    gauge(
        registry,
        "go_memstats_heap_inuse_bytes",
        "Bytes of the heap that are in use.",
        () -> Jvm.MEMORY.getHeapMemoryUsage().getUsed());
    gauge(
        registry,
        "go_memstats_next_gc_bytes",
        "Bytes of the heap that are committed.",
        () -> Jvm.MEMORY.getHeapMemoryUsage().getCommitted());
    Info.builder()
        .name("go_info")
        .help("Information about the environment: a JVM.")
        .labelNames("version")
        .register(registry)
        .addLabelValues("java" + Runtime.version());
  }

  /** The names of the field's Java client. */
  private static void jvm(PrometheusRegistry registry) {
    memory(registry, "used", MemoryUsage::getUsed);
    memory(registry, "committed", MemoryUsage::getCommitted);
    memory(registry, "max", MemoryUsage::getMax);
    GaugeWithCallback.builder()
        .name("jvm_buffer_pool_used_bytes")
        .help("Used bytes of a given JVM buffer pool.")
        .labelNames("pool")
        .callback(callback ->
            ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)
                .forEach(pool -> callback.call(pool.getMemoryUsed(), pool.getName())))
        .register(registry);
    SummaryWithCallback.builder()
        .name("jvm_gc_collection_seconds")
        .help("Time spent in a given JVM garbage collector in seconds.")
        .labelNames("gc")
        .callback(callback ->
            ManagementFactory.getGarbageCollectorMXBeans()
                .forEach(gc ->
                    callback.call(
                        gc.getCollectionCount(),
                        gc.getCollectionTime() / MILLIS,
                        Quantiles.EMPTY,
                        gc.getName())))
        .register(registry);
    gauge(
        registry,
        "jvm_threads_current",
        "Current thread count of a JVM.",
        () -> ManagementFactory.getThreadMXBean().getThreadCount());
    gauge(
        registry,
        "jvm_threads_peak",
        "Peak thread count of a JVM.",
        () -> ManagementFactory.getThreadMXBean().getPeakThreadCount());
    gauge(
        registry,
        "jvm_classes_currently_loaded",
        "The number of classes that are currently loaded in the JVM.",
        () -> ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
  }

  private static void memory(
      PrometheusRegistry registry, String what, ToLongFunction<MemoryUsage> value) {
    GaugeWithCallback.builder()
        .name("jvm_memory_" + what + "_bytes")
        .help("The " + what + " bytes of a given JVM memory area.")
        .labelNames("area")
        .callback(callback -> {
          callback.call(value.applyAsLong(Jvm.MEMORY.getHeapMemoryUsage()), "heap");
          callback.call(value.applyAsLong(Jvm.MEMORY.getNonHeapMemoryUsage()), "nonheap");
        })
        .register(registry);
  }

  /** The JVM's beans, which take long to load and are not needed before somebody looks. */
  private static final class Jvm {
    static final OperatingSystemMXBean SYSTEM =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();
  }

  /** The number of threads of the process, those of the collector and the compiler too. */
  static int threads() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("Threads:"))
          .mapToInt(line -> Integer.parseInt(line.substring("Threads:".length()).strip()))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return Thread.activeCount();
    }
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
