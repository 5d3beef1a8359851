package io.narthex.exporter.collector;

import io.narthex.base.regex.AnchoredRegex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Size and room of each mounted file system, from /proc/1/mountinfo and statfs(2). A mount that
 * does not answer in time (a lost network share) is shown with a device error and left alone until
 * it answers.
 */
final class FilesystemCollector implements Collector {

  static final String DEFAULT_MOUNT_POINTS_EXCLUDE =
      "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)";
  static final String DEFAULT_TYPES_EXCLUDE =
      "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|"
          + "mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|"
          + "sysfs|tracefs)$";

  /** Which file systems are looked at; a null pattern excludes nothing, or includes everything. */
  record Filter(
      @Nullable AnchoredRegex mountPointsExclude,
      @Nullable AnchoredRegex mountPointsInclude,
      @Nullable AnchoredRegex typesExclude,
      @Nullable AnchoredRegex typesInclude) {

    private boolean shows(Mount mount) {
      return passes(mount.point, mountPointsExclude, mountPointsInclude)
          && passes(mount.type, typesExclude, typesInclude);
    }

    private static boolean passes(
        String text, @Nullable AnchoredRegex exclude, @Nullable AnchoredRegex include) {
      return (exclude == null || !exclude.matches(text))
          && (include == null || include.matches(text));
    }
  }

  private record Mount(
      String device,
      String point,
      String type,
      boolean readOnly,
      String error,
      String major,
      String minor) {}

  private final MachineFiles files;
  private final Filter filter;
  private final long timeoutMillis;
  private final Set<String> stuck = ConcurrentHashMap.newKeySet();
  private final ExecutorService waiters =
      Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().name("statfs-", 0).factory());

  FilesystemCollector(MachineFiles files, Filter filter, long timeoutMillis) {
    this.files = files;
    this.filter = filter;
    this.timeoutMillis = timeoutMillis;
  }

  @Override
  public String name() {
    return "filesystem";
  }

  @Override
  public void collect(Page page) throws IOException {
    Map<List<String>, Kernel.@Nullable Statfs> shown = new LinkedHashMap<>();
    Map<List<String>, Mount> mounts = new LinkedHashMap<>();
    for (Mount mount : mounts()) {
      Kernel.Statfs statfs = null;
      String error = "";
      if (stuck.contains(mount.point)) {
        error = "mountpoint timeout";
      } else {
        try {
          statfs = ask(mount);
        } catch (TimeoutException e) {
          error = "mountpoint timeout";
        } catch (IOException e) {
          error = String.valueOf(e.getMessage());
        }
      }
      List<String> labels =
          List.of(
              "device",
              mount.device,
              "device_error",
              error,
              "fstype",
              mount.type,
              "mountpoint",
              mount.point);
      if (!shown.containsKey(labels)) {
        shown.put(labels, statfs);
        mounts.put(labels, mount);
      }
    }
    shown.forEach((labels, statfs) -> write(page, labels, mounts.get(labels), statfs));
  }

  private static void write(
      Page page, List<String> list, @Nullable Mount mount, Kernel.@Nullable Statfs statfs) {
    String[] labels = list.toArray(String[]::new);
    page.gauge(
            "node_filesystem_device_error",
            "Whether an error occurred while getting statistics for the given device.")
        .add(statfs == null ? 1 : 0, labels);
    page.gauge("node_filesystem_readonly", "Filesystem read-only status.")
        .add(mount != null && mount.readOnly ? 1 : 0, labels);
    if (statfs == null || mount == null) {
      return;
    }
    double block = statfs.blockSize();
    page.gauge("node_filesystem_size_bytes", "Filesystem size in bytes.")
        .add(statfs.blocks() * block, labels);
    page.gauge("node_filesystem_free_bytes", "Filesystem free space in bytes.")
        .add(statfs.free() * block, labels);
    page.gauge(
            "node_filesystem_avail_bytes", "Filesystem space available to non-root users in bytes.")
        .add(statfs.available() * block, labels);
    page.gauge("node_filesystem_files", "Filesystem total file nodes.").add(statfs.files(), labels);
    page.gauge("node_filesystem_files_free", "Filesystem total free file nodes.")
        .add(statfs.filesFree(), labels);
    page.gauge("node_filesystem_mount_info", "Filesystem mount information.")
        .add(
            1,
            "device",
            mount.device,
            "major",
            mount.major,
            "minor",
            mount.minor,
            "mountpoint",
            mount.point);
  }

  private Kernel.Statfs ask(Mount mount) throws IOException, TimeoutException {
    Path path = files.root().resolve(mount.point.substring(1));
    Future<Kernel.Statfs> answer =
        waiters.submit(() -> {
          try {
            return Kernel.statfs(path);
          } finally {
            stuck.remove(mount.point);
          }
        });
    try {
      return answer.get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      if (!answer.isDone()) {
        stuck.add(mount.point);
      }
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /**
   * The mounts of the first process, which sees the machine's; our own where it may not be read.
   */
  private List<Mount> mounts() throws IOException {
    Path file = files.proc().resolve("1/mountinfo");
    if (!Files.isReadable(file)) {
      file = files.proc().resolve("self/mountinfo");
    }
    List<Mount> mounts = new ArrayList<>();
    for (String line : MachineFiles.lines(file)) {
      Mount mount = parse(MachineFiles.words(line));
      if (mount != null && filter.shows(mount)) {
        mounts.add(mount);
      }
    }
    return mounts;
  }

  /**
   * A line of mountinfo: {@code id parent major:minor root mountpoint options [tags...] - type
   * device superoptions}.
   */
  private @Nullable Mount parse(String[] words) {
    int dash = Arrays.asList(words).indexOf("-");
    if (dash < 6 || words.length < dash + 3) {
      return null;
    }
    String point = withoutRoot(unescape(words[4]));
    Set<String> options = new HashSet<>(List.of(words[5].split(",", -1)));
    if (words.length > dash + 3) {
      options.addAll(List.of(words[dash + 3].split(",", -1)));
    }
    int colon = words[2].indexOf(':');
    return new Mount(
        unescape(words[dash + 2]),
        point,
        words[dash + 1],
        options.contains("ro") || options.contains("emergency_ro"),
        "",
        words[2].substring(0, colon),
        words[2].substring(colon + 1));
  }

  private String withoutRoot(String point) {
    String root = files.root().toString();
    if (root.equals("/") || !point.startsWith(root)) {
      return point;
    }
    String rest = point.substring(root.length());
    return rest.isEmpty() ? "/" : rest;
  }

  private static String unescape(String text) {
    return text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
