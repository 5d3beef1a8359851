package io.narthex.server;

import io.narthex.base.glob.Glob;
import io.narthex.base.time.Clock;
import io.narthex.server.config.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the configuration file, and the files that it names, again and again, and has them read
 * when their content has changed. A content that was refused is not tried a second time.
 */
final class AutoReload implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AutoReload.class);
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private final Path file;
  private final Supplier<Configuration> inForce;
  private final Runnable reload;
  private final Thread thread;

  /**
   * Begins to look.
   *
   * @param inForce the configuration of the moment, which names further files
   * @param reload reads them again; may throw
   */
  AutoReload(
      Path file, Duration interval, Clock clock, Supplier<Configuration> inForce, Runnable reload) {
    this.file = file;
    this.inForce = inForce;
    this.reload = reload;
    Duration pause = interval.compareTo(SHORTEST) < 0 ? SHORTEST : interval;
    String before = checksum();
    thread = Thread.ofVirtual().name("auto-reload").start(() -> watch(pause, clock, before));
  }

  private void watch(Duration pause, Clock clock, String before) {
    String last = before;
    try {
      while (true) {
        clock.sleep(pause);
        String now = checksum();
        if (!now.equals(last)) {
          last = now;
          LOG.info("Configuration file change detected, reloading the configuration.");
          attempt();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("The configuration is not looked at any more");
    }
  }

  private void attempt() {
    try {
      reload.run();
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("err", e.getMessage()).log("Error reloading config");
    }
  }

  private String checksum() {
    MessageDigest digest = sha256();
    update(digest, file);
    // Not what is in force: a file that was refused may be right as soon as those are mended that
    // it names.
    for (String pattern : Configuration.namedFiles(file)) {
      Glob.find(pattern).forEach(found -> update(digest, found));
    }
    inForce.get().expandedFiles().forEach(found -> update(digest, found));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, Path path) {
    digest.update(path.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    try {
      digest.update(Files.readAllBytes(path));
    } catch (IOException e) {
      // A file that is not there is a content too, and the reload will say what is wrong.
      digest.update((byte) 0);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
