package io.narthex.model.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionTokenizer.Entry;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages of real programs: every line is read, and the quick way agrees once a line is known. */
final class ConformanceTest {

  @ParameterizedTest
  @CsvSource({
    "1histogram.om.txt,OPENMETRICS",
    "alltypes.5mfs.om.txt,OPENMETRICS",
    "alltypes.237mfs.prom.txt,TEXT",
    "alltypes.237mfs.nometa.prom.txt,TEXT"
  })
  void realPagesAreReadWhole(String file, ExpositionFormat format) throws IOException {
    byte[] page = Files.readAllBytes(conformance("exposition/" + file));
    int lines = 0;
    for (String line : Utf8.text(page, 0, page.length).split("\n")) {
      lines += line.startsWith("#") || line.isBlank() ? 0 : 1;
    }
    ExpositionTokenizer careful = new ExpositionTokenizer();
    ExpositionTokenizer quick = new ExpositionTokenizer();
    careful.reset(page, 0, page.length, format);
    quick.reset(page, 0, page.length, format);
    LabelsBuilder builder = new LabelsBuilder();
    Set<Labels> labels = new HashSet<>();
    int series = 0;
    int sameCut = 0;
    int exemplars = 0;
    for (Entry e = careful.next(); e != Entry.EOF; e = careful.next()) {
      assertThat(quick.nextQuick()).isEqualTo(e);
      if (e == Entry.SERIES) {
        careful.labels(builder);
        labels.add(builder.build());
        series++;
        exemplars += careful.hasExemplar() ? 1 : 0;
        if (quick.to() == careful.to()) {
          sameCut++;
          assertThat(Double.doubleToRawLongBits(quick.value()))
              .isEqualTo(Double.doubleToRawLongBits(careful.value()));
          assertThat(quick.hasTimestamp()).isEqualTo(careful.hasTimestamp());
        }
      }
    }
    assertThat(quick.nextQuick()).isEqualTo(Entry.EOF);
    System.out.printf("> exposition/%s: %d series, %d exemplars%n", file, series, exemplars);
    assertThat(series).isEqualTo(lines).isPositive();
    assertThat(labels).hasSize(series);
    assertThat(sameCut).isEqualTo(series - exemplars);
  }

  static Path conformance(String relative) {
    String set = System.getenv("NARTHEX_CONFORMANCE");
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("shared/conformance"))) {
      folder = folder.getParent();
    }
    Path root =
        set != null && !set.isEmpty()
            ? Path.of(set)
            : (folder == null ? Path.of("") : folder).resolve("shared/conformance");
    Path path = root.resolve(relative);
    Assumptions.assumeTrue(Files.exists(path), () -> "no conformance data at " + path);
    return path;
  }
}
