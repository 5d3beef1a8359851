package io.narthex.rules.alerting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.net.client.HttpClientConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AlertingConfigTest {

  private static Yaml.Decoded<AlertingConfig> read(String yaml) {
    return Yaml.decodeAll(
        yaml,
        Path.of(""),
        text -> text,
        value -> AlertingConfig.decode(value).complete(ValidationScheme.UTF8));
  }

  @Test
  void defaults() {
    assertThat(read("{}").value()).isEqualTo(AlertingConfig.NONE);
    assertThat(read("alertmanagers: [{}]").value().alertmanagers())
        .containsExactly(
            new AlertmanagerConfig(
                HttpClientConfig.DEFAULT,
                null,
                "http",
                "",
                Duration.ofSeconds(10),
                List.of(),
                List.of(),
                List.of()));
  }

  /** The file that Prometheus is delivered with has an Alertmanager without targets. */
  @Test
  void whoAsksForNothingIsNotRefused() {
    assertThat(read("alertmanagers: [{static_configs: [{targets: }]}]").later()).isEmpty();
    assertThat(read("alertmanagers: [{static_configs: [{targets: [a]}]}]").later())
        .containsExactly(
            "sending alerts (field alertmanagers) is not supported by Narthex yet (line 1)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          alert_relabel_configs: [null] | empty or null alert relabeling rule (line 1)
          alertmanagers: [{relabel_configs: [null]}] | empty or null Alertmanager target relabeling rule (line 1)
          alertmanagers: [{alert_relabel_configs: [null]}] | empty or null Alertmanager alert relabeling rule (line 1)
          alertmanagers: [{api_version: v1}] | expected Alertmanager api version to be one of [v2] but got v1 (line 1)
          alertmanagers: [{basic_auth: {username: u}, sigv4: {}}] | at most one of basic_auth, authorization, oauth2, & sigv4 must be configured (line 1)
          alertmanagers: [{static_configs: [{targets: ['http://a']}]}] | "http://a" is not a valid hostname (line 1)
          """)
  void brokenRules(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml)).hasMessage(message);
  }

  @Test
  void targetsAreJudgedAfterRelabelling() {
    List<TargetGroup> groups =
        List.of(
            new TargetGroup("0", Labels.EMPTY, List.of(Labels.of("__address__", "http://bad"))));
    AlertmanagerConfig plain = read("alertmanagers: [{}]").value().alertmanagers().getFirst();
    assertThat(AlertmanagerTargets.problem(plain, groups))
        .isEqualTo("\"http://bad\" is not a valid hostname");
    AlertmanagerConfig mended =
        read("alertmanagers: [{relabel_configs: [{target_label: __address__, replacement: a}]}]")
            .value()
            .alertmanagers()
            .getFirst();
    assertThat(AlertmanagerTargets.problem(mended, groups)).isEmpty();
  }
}
