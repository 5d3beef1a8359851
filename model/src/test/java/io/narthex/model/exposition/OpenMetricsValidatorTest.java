package io.narthex.model.exposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionTokenizer.Entry;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The cases of the OpenMetrics project, all of them, through the strict door. */
final class OpenMetricsValidatorTest {

  private record Case(String name, byte[] page, boolean shouldParse) {}

  private static List<Case> cases() throws IOException {
    try (Stream<Path> folders = Files.list(ConformanceTest.conformance("openmetrics/parsers"))) {
      return folders.sorted().map(OpenMetricsValidatorTest::read).toList();
    }
  }

  private static Case read(Path folder) {
    try {
      String about = Files.readString(folder.resolve("test.json"));
      return new Case(
          folder.getFileName().toString(),
          Files.readAllBytes(folder.resolve("metrics")),
          about.contains("\"shouldParse\": true"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> everyCase() throws IOException {
    return cases().stream()
        .map(c ->
            DynamicTest.dynamicTest(
                c.name,
                () -> {
                  if (c.shouldParse) {
                    assertThatCode(() -> OpenMetricsValidator.validate(c.page))
                        .doesNotThrowAnyException();
                  } else {
                    assertThatThrownBy(() -> OpenMetricsValidator.validate(c.page))
                        .isInstanceOf(ExpositionException.class);
                  }
                }));
  }

  @Test
  void thereAreAsManyCasesAsThereWere() throws IOException {
    List<Case> cases = cases();
    long good = cases.stream().filter(Case::shouldParse).count();
    System.out.printf(
        "> OpenMetrics: %d cases, %d to be taken, %d to be refused%n",
        cases.size(), good, cases.size() - good);
    assertThat(cases).hasSizeGreaterThanOrEqualTo(211);
  }

  /** What is good for the strict is good for a scrape; the reverse is not so, as in Prometheus. */
  @Test
  void aScrapeTakesEveryGoodCaseAndRefusesWhatItCannotRead() throws IOException {
    int refused = 0;
    for (Case c : cases()) {
      boolean taken = scrape(c.page);
      assertThat(taken || !c.shouldParse).as(c.name).isTrue();
      refused += taken ? 0 : 1;
      if (c.name.startsWith("bad_value") || c.name.startsWith("bad_timestamp")) {
        assertThat(taken).as(c.name).isFalse();
      }
    }
    System.out.printf("> OpenMetrics: a scrape refuses %d of the cases%n", refused);
    assertThat(refused).isGreaterThanOrEqualTo(80);
  }

  private static boolean scrape(byte[] page) {
    ExpositionTokenizer tokenizer = new ExpositionTokenizer();
    tokenizer.reset(page, 0, page.length, ExpositionFormat.OPENMETRICS);
    LabelsBuilder builder = new LabelsBuilder();
    try {
      for (Entry e = tokenizer.next(); e != Entry.EOF; e = tokenizer.next()) {
        if (e == Entry.SERIES) {
          tokenizer.labels(builder);
        }
      }
      return true;
    } catch (ExpositionException e) {
      return false;
    }
  }

  @Test
  void saysWhatIsWrong() {
    assertThatThrownBy(() ->
            OpenMetricsValidator.validate(Utf8.bytes("# TYPE a info\na_info{b=\"c\"} 2\n# EOF\n")))
        .hasMessage(
            "line 2, column 1: expected 1 as value of an info, got \"a_info{b=\\\"c\\\"} 2\"");
  }
}
