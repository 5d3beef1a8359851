package io.narthex.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * The way to the test data that others wrote. It lies beside the project in {@code
 * ../shared/conformance}, or where {@code NARTHEX_CONFORMANCE} says. Tests that need it are
 * skipped, and say so, where it is absent.
 */
public final class Conformance {

  private Conformance() {}

  /** A file or folder of the data; the test is skipped where it is absent. */
  public static Path path(String relative) {
    Path path = root().resolve(relative);
    Assumptions.assumeTrue(
        Files.exists(path), () -> "no conformance data at " + path + " (set NARTHEX_CONFORMANCE)");
    return path;
  }

  /** A file or folder of the data, where it is there. */
  public static Optional<Path> find(String relative) {
    return Optional.of(root().resolve(relative)).filter(Files::exists);
  }

  private static Path root() {
    String set = System.getenv("NARTHEX_CONFORMANCE");
    if (set != null && !set.isEmpty()) {
      return Path.of(set);
    }
    // Tests run in their module's folder.
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("shared/conformance"))) {
      folder = folder.getParent();
    }
    return folder == null ? Path.of("shared/conformance") : folder.resolve("shared/conformance");
  }
}
