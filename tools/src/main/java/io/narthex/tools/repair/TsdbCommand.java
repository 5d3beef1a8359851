package io.narthex.tools.repair;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.flag.Command;
import io.narthex.base.flag.Flag;
import io.narthex.base.flag.FlagException;
import io.narthex.base.log.Logging;
import io.narthex.base.time.Clock;
import io.narthex.server.BuildInfo;
import io.narthex.storage.StorageException;
import io.narthex.tools.readonly.OverlayDisk;
import io.narthex.tsdb.DirectoryLock;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The command line of {@code narthex tsdb}. */
public final class TsdbCommand {

  private static final int WIDTH = 80;

  private TsdbCommand() {}

  /**
   * Runs it.
   *
   * @return the exit code: 0 if nothing is wrong or everything was mended; 1 if something could not
   *     be mended or was set aside, if a dry run found something, if the directory is in use or
   *     none, or if the command line is wrong
   */
  public static int run(List<String> arguments, PrintStream out, PrintStream err) {
    Command program = Command.program("narthex tsdb", "Tools for a data directory.");
    Command repair =
        program.command(
            "repair",
            "Check all files of a data directory and mend what is broken. What is taken out is kept"
                + " below "
                + Repair.ASIDE
                + "/ in it. Ends with 0 if nothing is wrong or all was mended, else with 1.");
    Flag<Boolean> dryRun =
        repair
            .flags()
            .bool("dry-run", false, "Only say what is wrong; ends with 1 if anything is.");
    Flag<String> path = repair.argument("db path", "data/", "Database path (default is data/).");
    try {
      Command.Choice choice = program.parse(arguments);
      switch (choice.request()) {
        case HELP -> out.print(choice.command().help(WIDTH));
        case VERSION -> out.print(BuildInfo.text("narthex tsdb"));
        case COMPLETION_SCRIPT -> out.print(program.completionScript());
        case COMPLETIONS -> out.print(choice.command().completions());
        case RUN -> {
          Logging.configure(Logging.Threshold.ERROR, Logging.Format.LOGFMT, err);
          Path directory = Path.of(path.value());
          return dryRun.value() ? look(directory, out) : mend(directory, out);
        }
      }
      return 0;
    } catch (FlagException e) {
      err.println("narthex tsdb: error: " + e.getMessage() + ", try --help");
      return 1;
    } catch (StorageException | DiskException | IOException e) {
      out.flush();
      err.println("narthex tsdb: " + e.getMessage());
      return 1;
    }
  }

  private static void ensureDirectory(Path path) {
    if (!Files.isDirectory(path)) {
      throw new StorageException("no data directory at " + path);
    }
  }

  private static int mend(Path path, PrintStream out) {
    ensureDirectory(path);
    try (DirectoryLock lock = DirectoryLock.acquire(path)) {
      return new Repair(Disk.SYSTEM, path, Clock.SYSTEM, false, out).run(lock.replaced()) ? 0 : 1;
    }
  }

  /** Mends nothing: what a mending would write goes to a directory that is deleted. */
  private static int look(Path path, PrintStream out) throws IOException {
    ensureDirectory(path);
    if (DirectoryLock.isHeld(path)) {
      throw new StorageException(
          "the data directory " + path + " is in use by another process, which holds its lock");
    }
    Path scratch = Files.createTempDirectory("narthex-repair");
    try {
      Disk disk = new OverlayDisk(Disk.SYSTEM, scratch);
      boolean left = Files.exists(path.resolve("lock"));
      return new Repair(disk, path, Clock.SYSTEM, true, out).run(left) ? 0 : 1;
    } finally {
      Disk.SYSTEM.deleteTree(scratch);
    }
  }
}
