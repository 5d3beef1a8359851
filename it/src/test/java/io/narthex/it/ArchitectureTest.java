package io.narthex.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The rules of the house. Each says why it exists, and the sentence is what a build that breaks it
 * prints.
 */
final class ArchitectureTest {

  /** From the ground up: a module sees only modules before it in this list. */
  private static final List<String> FLOORS =
      List.of(
          "base",
          "model",
          "net",
          "storage",
          "tsdb",
          "promql",
          "discovery",
          "scrape",
          "remote",
          "rules",
          "api",
          "server",
          "exporter",
          "tools",
          "app");

  /** Which package of the outside belongs to which floors. */
  private static final Map<String, List<String>> CONFINED =
      Map.ofEntries(
          Map.entry("org.snakeyaml..", List.of("base")),
          Map.entry("com.google.re2j..", List.of("base")),
          Map.entry("com.dynatrace..", List.of("base")),
          Map.entry("io.airlift..", List.of("base")),
          Map.entry("ch.qos.logback..", List.of("base")),
          Map.entry("org.roaringbitmap..", List.of("tsdb")),
          Map.entry("ch.randelshofer..", List.of("model")),
          Map.entry("at.favre..", List.of("net")));

  private static final int MOST_LINES = 1000;

  private final JavaClasses house =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.narthex");

  @Test
  void floorsRestOnlyOnThoseBelow() {
    for (int i = 0; i < FLOORS.size(); i++) {
      List<String> above = FLOORS.subList(i + 1, FLOORS.size());
      if (above.isEmpty()) {
        continue;
      }
      noClasses()
          .that()
          .resideInAPackage("io.narthex." + FLOORS.get(i) + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              above.stream().map(m -> "io.narthex." + m + "..").toArray(String[]::new))
          .allowEmptyShould(true)
          .because(
              "data flows one way: what stands below must be usable, testable and readable without"
                  + " what stands above it")
          .check(house);
    }
  }

  @Test
  void theEngineDoesNotKnowTheDatabase() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.narthex.promql..", "io.narthex.scrape..", "io.narthex.remote..", "io.narthex.api..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.narthex.tsdb..")
        .because(
            "who writes and who reads meet only at the interfaces in storage, so that a remote"
                + " store can stand where the local database stands")
        .check(house);
  }

  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching("io.narthex.(**)")
        .should()
        .beFreeOfCycles()
        .because("two packages that need each other are one room with a wall in the wrong place")
        .check(house);
  }

  @Test
  void outsideLibrariesStayInTheirRoom() {
    CONFINED.forEach((library, owners) ->
        noClasses()
            .that()
            .resideOutsideOfPackages(
                owners.stream().map(m -> "io.narthex." + m + "..").toArray(String[]::new))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library)
            .because(
                "only "
                    + owners
                    + " may see "
                    + library
                    + ": a library that one module hides can be replaced in one module")
            .check(house));
  }

  @Test
  void timeComesThroughTheClock() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.narthex.base..")
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .because("tests stop the clock; a line that asks the machine instead cannot be stopped")
        .check(house);
  }

  @Test
  void javaRegularExpressionsAreNotForUsers() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.util.regex..")
        .because(
            "the field's syntax is RE2, and java.util.regex takes exponential time on hostile"
                + " input: use base.regex")
        .check(house);
  }

  @Test
  void unsafeMemoryIsNotOurs() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("sun.misc.Unsafe")
        .because("Unsafe is leaving the JDK: off-heap memory goes through java.lang.foreign")
        .check(house);
  }

  @Test
  void filesStayReadable() throws IOException {
    Path root = projectRoot();
    try (Stream<Path> files = Files.walk(root)) {
      List<String> tooLong =
          files
              .filter(p -> p.toString().endsWith(".java"))
              .filter(p -> !p.toString().contains("/target/"))
              .filter(p -> lines(p) > MOST_LINES)
              .map(p -> root.relativize(p) + " (" + lines(p) + " lines)")
              .toList();
      assertThat(tooLong)
          .as("a file of over %s lines holds more than one concern: cut it by concern", MOST_LINES)
          .isEmpty();
    }
  }

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    Path root = projectRoot();
    try (Stream<Path> files = Files.walk(root)) {
      List<Path> bare =
          files
              .filter(
                  p -> p.toString().endsWith(".java") && p.toString().contains("/src/main/java/"))
              .map(Path::getParent)
              .distinct()
              .filter(p -> !Files.exists(p.resolve("package-info.java")))
              .map(root::relativize)
              .toList();
      assertThat(bare)
          .as(
              "each package needs a package-info.java: @NullMarked, and a paragraph on what lives here")
          .isEmpty();
    }
  }

  private static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path projectRoot() {
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      if (Files.exists(p.resolve("dev"))) {
        return p;
      }
    }
    throw new IllegalStateException("not inside the project");
  }
}
