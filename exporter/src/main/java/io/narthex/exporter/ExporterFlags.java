package io.narthex.exporter;

import io.narthex.base.flag.Flag;
import io.narthex.base.flag.Flags;
import io.narthex.base.log.Logging;
import io.narthex.exporter.collector.Collectors;
import io.narthex.exporter.collector.MachineFiles;
import io.narthex.model.duration.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The command line of node_exporter. Flags of collectors that are not built are taken, so that
 * existing units start unchanged; what was asked for in vain is told by {@link #notYet}.
 */
final class ExporterFlags {

  /** Collectors that upstream runs by default and that are not built. */
  private static final List<String> ABSENT_ON =
      List.of(
          "arp",
          "bcache",
          "bcachefs",
          "bonding",
          "btrfs",
          "conntrack",
          "cpufreq",
          "dmi",
          "dmmultipath",
          "edac",
          "entropy",
          "fibrechannel",
          "hwmon",
          "infiniband",
          "ipvs",
          "kernel_hung",
          "mdadm",
          "nfs",
          "nfsd",
          "nvme",
          "os",
          "powersupplyclass",
          "rapl",
          "schedstat",
          "selinux",
          "softnet",
          "tapestats",
          "textfile",
          "thermal_zone",
          "timex",
          "udp_queues",
          "watchdog",
          "xfs",
          "zfs");

  /** Collectors that upstream runs on demand and that are not built. */
  private static final List<String> ABSENT_OFF =
      List.of(
          "buddyinfo",
          "cgroups",
          "cpu_vulnerabilities",
          "drbd",
          "drm",
          "ethtool",
          "interrupts",
          "ksmd",
          "lnstat",
          "logind",
          "meminfo_numa",
          "mountstats",
          "network_route",
          "ntp",
          "nvmesubsystem",
          "pcidevice",
          "perf",
          "processes",
          "qdisc",
          "runit",
          "slabinfo",
          "softirqs",
          "supervisord",
          "swap",
          "sysctl",
          "systemd",
          "tcpstat",
          "wifi",
          "xfrm",
          "zoneinfo");

  private final Flags flags =
      new Flags("node_exporter", "Metrics of this machine, as node_exporter gives them.");
  private final Map<String, Flag<Boolean>> collectors = new LinkedHashMap<>();
  private final List<Flag<?>> withoutEffect = new ArrayList<>();

  private final Flag<List<String>> addresses =
      flags.texts(
          "web.listen-address",
          List.of(":9100"),
          "Addresses on which to expose metrics and web interface. Repeatable.");
  private final Flag<String> telemetryPath =
      flags.text("web.telemetry-path", "/metrics", "Path under which to expose metrics.");
  private final Flag<String> webConfigFile =
      flags.text("web.config.file", "", "Path to configuration file for TLS or authentication.");
  private final Flag<Integer> maxRequests =
      flags.value(
          "web.max-requests",
          "40",
          Integer::valueOf,
          "Maximum number of parallel scrape requests. Use 0 to disable.");
  private final Flag<Boolean> disableDefaults =
      flags.bool("collector.disable-defaults", false, "Set all collectors to disabled by default.");
  private final Flag<String> procfs = flags.text("path.procfs", "/proc", "procfs mountpoint.");
  private final Flag<String> sysfs = flags.text("path.sysfs", "/sys", "sysfs mountpoint.");
  private final Flag<String> rootfs = flags.text("path.rootfs", "/", "rootfs mountpoint.");
  private final Flag<String> udev =
      flags.text("path.udev.data", "/run/udev/data", "udev data path.");
  private final Flag<String> level =
      flags.choice(
          "log.level",
          "info",
          List.of("debug", "info", "warn", "error"),
          "Only log messages with the given severity or above.");
  private final Flag<String> format =
      flags.choice("log.format", "logfmt", List.of("logfmt", "json"), "Output format of messages.");

  private final Flag<Boolean> cpuGuest =
      flags.bool("collector.cpu.guest", true, "Enables metric node_cpu_guest_seconds_total");
  private final Flag<Boolean> softirq =
      flags.bool("collector.stat.softirq", false, "Export softirq calls per vector");
  private final Flag<String> diskExclude;
  private final Flag<String> diskInclude;
  private final Flag<String> mountsExclude;
  private final Flag<String> mountsInclude;
  private final Flag<String> typesExclude;
  private final Flag<String> typesInclude;
  private final Flag<Duration> mountTimeout =
      flags.value(
          "collector.filesystem.mount-timeout",
          "5s",
          Durations::parse,
          "how long to wait for a mount to respond before marking it as stale");
  private final Flag<String> netdevExclude;
  private final Flag<String> netdevInclude;
  private final Flag<String> netclassIgnored;
  private final Flag<Boolean> ignoreInvalidSpeed =
      flags.bool(
          "collector.netclass.ignore-invalid-speed",
          false,
          "Ignore devices where the speed is invalid.");
  private final Flag<String> netstatFields;
  private final Flag<String> vmstatFields;
  private final Map<Flag<String>, Flag<String>> oldNames = new LinkedHashMap<>();

  ExporterFlags() {
    Collectors.Options absent = Collectors.Options.defaults(MachineFiles.DEFAULT);
    diskExclude = pattern("diskstats.device-exclude", absent.diskDeviceExclude());
    diskInclude = pattern("diskstats.device-include", "");
    mountsExclude = pattern("filesystem.mount-points-exclude", absent.mountPointsExclude());
    mountsInclude = pattern("filesystem.mount-points-include", "");
    typesExclude = pattern("filesystem.fs-types-exclude", absent.filesystemTypesExclude());
    typesInclude = pattern("filesystem.fs-types-include", "");
    netdevExclude = pattern("netdev.device-exclude", "");
    netdevInclude = pattern("netdev.device-include", "");
    netclassIgnored = pattern("netclass.ignored-devices", absent.netclassIgnored());
    netstatFields = pattern("netstat.fields", absent.netstatFields());
    vmstatFields = pattern("vmstat.fields", absent.vmstatFields());
    oldName("diskstats.ignored-devices", diskExclude);
    oldName("filesystem.ignored-mount-points", mountsExclude);
    oldName("filesystem.ignored-fs-types", typesExclude);
    oldName("netdev.device-blacklist", netdevExclude);
    oldName("netdev.device-whitelist", netdevInclude);
    for (String name : Collectors.NAMES) {
      collector(name, true);
    }
    for (String name : ABSENT_ON) {
      collector(name, true);
    }
    for (String name : ABSENT_OFF) {
      collector(name, false);
    }
    withoutEffect();
  }

  private Flag<String> pattern(String name, String absent) {
    return flags.text("collector." + name, absent, "Regexp for the " + name + " of the collector.");
  }

  private void oldName(String name, Flag<String> flag) {
    oldNames.put(flags.text("collector." + name, "", "Old name.").hidden(), flag);
  }

  private void collector(String name, boolean on) {
    String state = on ? "enabled" : "disabled";
    collectors.put(
        name,
        flags.bool(
            "collector." + name,
            on,
            "Enable the " + name + " collector (default: " + state + ")."));
  }

  /** What is taken, and has no effect here or not yet. */
  private void withoutEffect() {
    flags.value("runtime.gomaxprocs", "1", Integer::valueOf, "Of no effect.").hidden();
    flags
        .value("collector.filesystem.stat-workers", "4", Integer::valueOf, "Of no effect.")
        .hidden();
    flags.bool("collector.netdev.netlink", true, "Of no effect.").hidden();
    flags.bool("collector.netclass.netlink", false, "Of no effect.").hidden();
    flags.bool("collector.arp.netlink", true, "Of no effect.").hidden();
    flags.bool("web.disable-exporter-metrics", false, "Exclude metrics about the exporter itself.");
    later(flags.bool("web.systemd-socket", false, "Use systemd socket activation listeners."));
    later(flags.bool("collector.cpu.info", false, "Enables metric cpu_info"));
    later(flags.text("collector.cpu.info.flags-include", "", "Filter the flags field."));
    later(flags.text("collector.cpu.info.bugs-include", "", "Filter the bugs field."));
    later(flags.bool("collector.netdev.address-info", false, "Collect address-info."));
    later(flags.bool("collector.netdev.enable-detailed-metrics", false, "More metric names."));
    later(flags.bool("collector.netdev.label-ifalias", false, "Add ifAlias label."));
    later(
        flags.texts(
            "collector.textfile.directory", List.of(), "Directory to read text files from."));
    later(flags.text("collector.systemd.unit-include", ".+", "Regexp of systemd units."));
    later(
        flags.text(
            "collector.systemd.unit-exclude",
            ".+\\.(automount|device|mount|scope|slice)",
            "Regexp of systemd units."));
  }

  private void later(Flag<?> flag) {
    withoutEffect.add(flag);
  }

  /**
   * Reads the command line.
   *
   * @throws io.narthex.base.flag.FlagException if it is wrong
   */
  Flags.Request parse(List<String> arguments) {
    return flags.parse(arguments);
  }

  Flags flags() {
    return flags;
  }

  List<String> addresses() {
    return addresses.value();
  }

  String telemetryPath() {
    return telemetryPath.value();
  }

  String webConfigFile() {
    return webConfigFile.value();
  }

  int maxRequests() {
    return maxRequests.value();
  }

  Logging.Threshold threshold() {
    return Logging.Threshold.valueOf(level.value().toUpperCase(Locale.ROOT));
  }

  Logging.Format format() {
    return Logging.Format.valueOf(format.value().toUpperCase(Locale.ROOT));
  }

  /** The names of all collectors that can be named, built or not. */
  List<String> known() {
    return List.copyOf(collectors.keySet());
  }

  /** The names of the collectors to run. */
  Set<String> enabled() {
    Set<String> names = new HashSet<>();
    for (String name : Collectors.NAMES) {
      if (isOn(name)) {
        names.add(name);
      }
    }
    return names;
  }

  private boolean isOn(String name) {
    Flag<Boolean> flag = collectors.get(name);
    return flag != null
        && (flag.isGiven() || !disableDefaults.value() ? flag.value() : Boolean.FALSE);
  }

  /** The flags that were given and have no effect yet, as they are written. */
  List<String> notYet() {
    List<String> names = new ArrayList<>();
    collectors.forEach((name, flag) -> {
      if (flag.isGiven() && flag.value() && !Collectors.NAMES.contains(name)) {
        names.add("--" + flag.name());
      }
    });
    for (Flag<?> flag : withoutEffect) {
      if (flag.isChanged()) {
        names.add("--" + flag.name());
      }
    }
    return names;
  }

  /**
   * What the collectors are made with.
   *
   * @throws IllegalArgumentException if flags contradict each other; the message is upstream's
   */
  Collectors.Options options() {
    oldNames.forEach((old, flag) -> {
      if (old.isGiven() && flag.isGiven()) {
        throw new IllegalArgumentException(
            "--" + old.name() + " and --" + flag.name() + " are mutually exclusive");
      }
      if (old.isGiven()) {
        flag.assume(old.value());
      }
    });
    if (!netdevExclude.value().isEmpty() && !netdevInclude.value().isEmpty()) {
      throw new IllegalArgumentException("device-exclude & device-include are mutually exclusive");
    }
    MachineFiles files =
        new MachineFiles(
            Path.of(procfs.value()),
            Path.of(sysfs.value()),
            Path.of(rootfs.value()),
            Path.of(udev.value()));
    return new Collectors.Options(
        files,
        cpuGuest.value(),
        softirq.value(),
        diskExclude.value(),
        diskInclude.value(),
        mountsExclude.value(),
        mountsInclude.value(),
        typesExclude.value(),
        typesInclude.value(),
        mountTimeout.value(),
        netdevExclude.value(),
        netdevInclude.value(),
        netclassIgnored.value(),
        ignoreInvalidSpeed.value(),
        netstatFields.value(),
        vmstatFields.value());
  }
}
