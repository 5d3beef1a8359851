package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;

/**
 * A program that a test started: ours or a peer. Its output goes to a file that failures quote. It
 * is killed when the test ends, whatever happens.
 */
final class Program implements AutoCloseable {

  private static final int FIRST_PORT = 12_000;
  private static final int FIRST_GIVEN_PORT = 32_768; // Linux' own default

  private final String name;
  private final Process process;
  private final Path output;

  private Program(String name, Process process, Path output) {
    this.name = name;
    this.process = process;
    this.output = output;
  }

  /** Starts a program with its output in a folder. */
  static Program start(Path folder, List<String> command) throws IOException {
    String name = Path.of(command.getFirst()).getFileName().toString();
    Path output = Files.createTempFile(folder, name + "-", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new Program(name, process, output);
  }

  /** Starts a role of ours. */
  static Program narthex(Path folder, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(launcher().toString());
    command.addAll(List.of(arguments));
    return start(folder, command);
  }

  /**
   * What starts us: of the distribution in {@code NARTHEX_DIST}, which has a start-up cache as what
   * users run, or of the one that the build has just made.
   */
  static Path launcher() {
    String whole = System.getenv("NARTHEX_DIST");
    if (whole != null) {
      return Path.of(whole, "bin", "narthex");
    }
    return ArchitectureTest.projectRoot().resolve("app/target/dist/narthex/bin/narthex");
  }

  /** The path of a peer; the test is skipped where there is none. */
  static String peer(String name) {
    String home = System.getenv("NARTHEX_PEERS");
    Path path = Path.of(home == null ? "absent" : home, name);
    Assumptions.assumeTrue(
        Files.isExecutable(path), () -> name + " is absent: set NARTHEX_PEERS, as ./dev test does");
    return path.toString();
  }

  /**
   * A port that was free a moment ago, below those that the system gives to who does not ask for
   * one: else a test's own targets may take it meanwhile.
   */
  static int freePort() {
    int port;
    do {
      port = ThreadLocalRandom.current().nextInt(FIRST_PORT, FIRST_GIVEN_PORT);
    } while (!isFree(port));
    return port;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port)) {
      return socket.isBound();
    } catch (BindException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for a condition while the program runs; fails with the program's output. */
  Program await(String what, Duration most, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (!condition.getAsBoolean()) {
      if (!process.isAlive()) {
        throw new AssertionError(name + " ended while waiting for " + what + ":\n" + output());
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(name + ": no " + what + " within " + most + ":\n" + output());
      }
      Thread.sleep(20);
    }
    return this;
  }

  /** Waits until a server of Prometheus' kind is ready. */
  Program awaitReady(Api api) throws InterruptedException {
    return await("readiness", Duration.ofSeconds(60), api::isReady);
  }

  /** What the program printed so far. */
  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the program's own end and returns its exit code. */
  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ends:\n%s", name, output()).isTrue();
    return process.exitValue();
  }

  /** SIGTERM, without waiting. */
  void terminate() {
    process.destroy();
  }

  /** SIGTERM, and waits for the end. */
  int stop() throws InterruptedException {
    process.destroy();
    return exitCode();
  }

  /** SIGKILL, and waits for the end. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(10, TimeUnit.SECONDS);
  }

  /** A field of /proc/PID/status in kB, such as VmRSS. */
  long memoryKilobytes(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  /** User and system time so far, in ticks of a hundredth of a second. */
  long cpuTicks() throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid()), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /** Ends the program and what it started, and waits until its files are nobody's. */
  @Override
  public void close() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(handle -> handle.onExit().orTimeout(10, TimeUnit.SECONDS).join());
  }
}
