package io.narthex.base.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DidYouMeanTest {

  private static final List<String> KNOWN =
      List.of("scrape_interval", "scrape_timeout", "job_name", "web.listen-address", "params");

  @ParameterizedTest
  @CsvSource({
    "scrape_intervall, scrape_interval",
    "scrap_timeout, scrape_timeout",
    "jobname, job_name",
    "JOB_NAME, job_name",
    "web.listen_adress, web.listen-address",
    "parmas, params",
    "xyz, ''",
    "consult_sd_configs, ''"
  })
  void findsTheNearestNameIfItIsNear(String given, String meant) {
    assertThat(DidYouMean.closest(given, KNOWN)).isEqualTo(meant);
    assertThat(DidYouMean.suffix(given, KNOWN))
        .isEqualTo(meant.isEmpty() ? "" : " (did you mean \"" + meant + "\"?)");
  }
}
