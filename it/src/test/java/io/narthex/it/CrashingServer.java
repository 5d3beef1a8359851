package io.narthex.it;

import io.narthex.base.file.Disk;
import io.narthex.base.lifecycle.Machine;
import io.narthex.server.PrometheusRole;
import io.narthex.testkit.CrashDisk;
import io.narthex.testkit.FastClock;
import java.util.List;

/**
 * The role prometheus on a machine whose minutes are short and whose disk may end the process. The
 * system property {@code crash} names the {@link CrashDisk.Point}, {@code speed} the clock's.
 */
final class CrashingServer {

  /** What the process ends with at its crash point. */
  static final int CRASHED = 86;

  private CrashingServer() {}

  public static void main(String[] arguments) {
    String point = System.getProperty("crash", "");
    Disk disk =
        point.isEmpty()
            ? Disk.SYSTEM
            : new CrashDisk(CrashDisk.Point.parse(point), () -> Runtime.getRuntime().halt(CRASHED));
    Machine machine = new Machine(new FastClock(Integer.getInteger("speed", 1)), disk);
    System.exit(
        PrometheusRole.run(
            machine, List.of(arguments), System.out, System.err, router -> {}, address -> {}));
  }
}
