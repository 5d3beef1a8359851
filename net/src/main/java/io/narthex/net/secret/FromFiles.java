package io.narthex.net.secret;

import io.narthex.base.time.Clock;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A value that is made of files, kept in step with them. Thread-safe.
 *
 * <p>The files are looked at (one {@code stat} each) at most four times a second, however many ask:
 * a job of ten thousand targets has one of these. They are read when time, size or identity have
 * changed, or when the last change is so young that another one could have the same time; and the
 * value is made anew only when their content differs, so that who compares values by identity sees
 * real changes only. A peer that refuses a secret is a reason to look at once: {@link #renew}.
 *
 * <p>Rejected: reading all files for every request, as Prometheus does (two system calls more per
 * scrape and file, and the memory); inotify (it misses what a volume of Kubernetes does with
 * symbolic links, and network file systems).
 */
public final class FromFiles<T> {

  private static final Logger log = LoggerFactory.getLogger(FromFiles.class);

  private static final long LOOK_NANOS = Duration.ofMillis(250).toNanos();

  /** A file younger than this may change again without a new time. */
  private static final long SETTLED_MILLIS = 2_000;

  /**
   * One file.
   *
   * @param what is said before a complaint, for example {@code unable to read basic auth password}
   */
  public record Source(String what, String file) {}

  /** Makes the value. */
  @FunctionalInterface
  public interface Maker<T> {
    /**
     * @param contents of the files, in their order
     * @throws IOException if they make no value; the message says why
     */
    T make(List<byte[]> contents) throws IOException;
  }

  /** What to do when files cannot be read or make no value, and there was one before. */
  public enum WhenBroken {
    /** Fail until they are mended. */
    FAIL,
    /** Go on with what was there, and say so in the log: half of a pair may have been replaced. */
    KEEP
  }

  private record Stamp(long modifiedMillis, long modifiedNanos, long size, Object key) {}

  private record State<T>(T value, byte[] digest, List<Stamp> stamps, boolean settled) {}

  private final Clock clock;
  private final List<Source> sources;
  private final WhenBroken whenBroken;
  private final Maker<T> maker;
  private volatile @Nullable State<T> state;
  private volatile long lookAgain;
  private String lastComplaint = "";

  public FromFiles(Clock clock, List<Source> sources, WhenBroken whenBroken, Maker<T> maker) {
    this.clock = clock;
    this.sources = List.copyOf(sources);
    this.whenBroken = whenBroken;
    this.maker = maker;
  }

  /**
   * The value.
   *
   * @throws IOException if a file cannot be read, or the files make no value
   */
  public T get() throws IOException {
    State<T> known = state;
    if (known != null && (sources.isEmpty() || clock.nanos() - lookAgain < 0)) {
      return known.value;
    }
    return look(false);
  }

  /**
   * Looks at the files now, because somebody refused what was made of them.
   *
   * @return whether the value is another one now
   */
  public boolean renew() {
    State<T> known = state;
    if (known == null || sources.isEmpty()) {
      return false;
    }
    try {
      return look(true) != known.value;
    } catch (IOException e) {
      // The next get says so.
      return false;
    }
  }

  private synchronized T look(boolean now) throws IOException {
    State<T> known = state;
    if (known != null && !now && (sources.isEmpty() || clock.nanos() - lookAgain < 0)) {
      return known.value;
    }
    try {
      List<Stamp> stamps = stamps();
      if (known == null || !known.settled || !known.stamps.equals(stamps)) {
        known = read(known, stamps);
        state = known;
      }
      lastComplaint = "";
      lookAgain = clock.nanos() + LOOK_NANOS;
      return known.value;
    } catch (IOException e) {
      if (known == null || whenBroken == WhenBroken.FAIL) {
        throw e;
      }
      String complaint = String.valueOf(e.getMessage());
      if (!complaint.equals(lastComplaint)) {
        log.warn("files that have changed are of no use, going on with the old: {}", complaint);
        lastComplaint = complaint;
      }
      lookAgain = clock.nanos() + LOOK_NANOS;
      return known.value;
    }
  }

  private State<T> read(@Nullable State<T> known, List<Stamp> stamps) throws IOException {
    long youngest = clock.millis() - SETTLED_MILLIS;
    boolean settled = stamps.stream().allMatch(s -> s.modifiedMillis < youngest);
    List<byte[]> contents = new ArrayList<>();
    for (Source source : sources) {
      try {
        contents.add(Files.readAllBytes(Path.of(source.file)));
      } catch (IOException e) {
        throw unreadable(source, e);
      }
    }
    byte[] digest = digest(contents);
    if (known != null && MessageDigest.isEqual(digest, known.digest)) {
      return new State<>(known.value, digest, stamps, settled);
    }
    return new State<>(maker.make(contents), digest, stamps, settled);
  }

  private List<Stamp> stamps() throws IOException {
    List<Stamp> stamps = new ArrayList<>(sources.size());
    for (Source source : sources) {
      try {
        BasicFileAttributes is =
            Files.readAttributes(Path.of(source.file), BasicFileAttributes.class);
        Object key = is.fileKey();
        stamps.add(
            new Stamp(
                is.lastModifiedTime().toMillis(),
                is.lastModifiedTime().toInstant().getNano(),
                is.size(),
                key == null ? "" : key));
      } catch (IOException e) {
        throw unreadable(source, e);
      }
    }
    return stamps;
  }

  private static byte[] digest(List<byte[]> contents) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] content : contents) {
        digest.update((byte) content.length);
        digest.update((byte) (content.length >> 8));
        digest.update((byte) (content.length >> 16));
        digest.update(content);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static IOException unreadable(Source source, IOException e) {
    String reason =
        switch (e) {
          case NoSuchFileException none -> "open " + source.file + ": no such file or directory";
          case AccessDeniedException denied -> "open " + source.file + ": permission denied";
          default -> "read " + source.file + ": " + e.getMessage();
        };
    String what = source.what.isEmpty() ? "" : source.what + ": ";
    return new IOException(what + "unable to read file " + source.file + ": " + reason, e);
  }
}
