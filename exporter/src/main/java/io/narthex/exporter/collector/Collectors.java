package io.narthex.exporter.collector;

import io.narthex.base.regex.AnchoredRegex;
import io.narthex.base.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The collectors there are, as the user's options make them. */
public final class Collectors {

  /** The names of all collectors, sorted. */
  public static final List<String> NAMES =
      List.of(
          "cpu",
          "diskstats",
          "filefd",
          "filesystem",
          "loadavg",
          "meminfo",
          "netclass",
          "netdev",
          "netstat",
          "pressure",
          "sockstat",
          "stat",
          "time",
          "uname",
          "vmstat");

  /**
   * What the user may choose. A pattern is anchored RE2; an empty one stands for none.
   *
   * @param mountTimeout how long a mount may take to answer
   */
  public record Options(
      MachineFiles files,
      boolean cpuGuest,
      boolean softirq,
      String diskDeviceExclude,
      String diskDeviceInclude,
      String mountPointsExclude,
      String mountPointsInclude,
      String filesystemTypesExclude,
      String filesystemTypesInclude,
      Duration mountTimeout,
      String netdevExclude,
      String netdevInclude,
      String netclassIgnored,
      boolean netclassIgnoreInvalidSpeed,
      String netstatFields,
      String vmstatFields) {

    /** node_exporter's defaults over given files. */
    public static Options defaults(MachineFiles files) {
      return new Options(
          files,
          true,
          false,
          DiskstatsCollector.DEFAULT_DEVICE_EXCLUDE,
          "",
          FilesystemCollector.DEFAULT_MOUNT_POINTS_EXCLUDE,
          "",
          FilesystemCollector.DEFAULT_TYPES_EXCLUDE,
          "",
          Duration.ofSeconds(5),
          "",
          "",
          "^$",
          false,
          NetstatCollector.DEFAULT_FIELDS,
          VmstatCollector.DEFAULT_FIELDS);
    }
  }

  private Collectors() {}

  /**
   * Makes all collectors, sorted by name.
   *
   * @throws io.narthex.base.regex.RegexException if a pattern is not valid RE2
   */
  public static List<Collector> all(Options options, Clock clock) {
    MachineFiles files = options.files;
    return List.of(
        new CpuCollector(files, options.cpuGuest),
        new DiskstatsCollector(
            files, unanchored(options.diskDeviceExclude), unanchored(options.diskDeviceInclude)),
        new FilefdCollector(files),
        new FilesystemCollector(
            files,
            new FilesystemCollector.Filter(
                unanchored(options.mountPointsExclude),
                unanchored(options.mountPointsInclude),
                unanchored(options.filesystemTypesExclude),
                unanchored(options.filesystemTypesInclude)),
            options.mountTimeout.toMillis()),
        new LoadavgCollector(files),
        new MeminfoCollector(files),
        new NetclassCollector(
            files, required(options.netclassIgnored), options.netclassIgnoreInvalidSpeed),
        new NetdevCollector(
            files, unanchored(options.netdevExclude), unanchored(options.netdevInclude)),
        new NetstatCollector(files, required(options.netstatFields)),
        new PressureCollector(files),
        new SockstatCollector(files),
        new StatCollector(files, options.softirq),
        new TimeCollector(files, clock),
        new UnameCollector(),
        new VmstatCollector(files, required(options.vmstatFields)));
  }

  /** node_exporter's patterns say themselves where they are anchored. */
  private static @Nullable AnchoredRegex unanchored(String pattern) {
    return pattern.isEmpty() ? null : required(pattern);
  }

  private static AnchoredRegex required(String pattern) {
    return AnchoredRegex.compile(".*(?:" + pattern + ").*");
  }
}
