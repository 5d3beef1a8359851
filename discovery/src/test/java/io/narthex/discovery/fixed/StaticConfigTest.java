package io.narthex.discovery.fixed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.DiscoveryAcceptance;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StaticConfigTest extends DiscoveryAcceptance {

  @Override
  protected DiscoveryConfig config() {
    return Yaml.decode(
        "[{targets: [a, b], labels: {rack: 1}}, {targets: [c]}]", StaticConfig::decode);
  }

  @Override
  protected Set<String> first() {
    return Set.of("a", "b", "c");
  }

  @Override
  protected @Nullable Set<String> change() {
    return null;
  }

  @Override
  protected boolean clear() {
    return false;
  }

  @Test
  void groupsKeepTheirLabelsAndAreNumbered() {
    assertThat(config().open(context).known())
        .containsExactly(
            new TargetGroup(
                "0",
                Labels.of("rack", "1"),
                List.of(Labels.of("__address__", "a"), Labels.of("__address__", "b"))),
            new TargetGroup("1", Labels.EMPTY, List.of(Labels.of("__address__", "c"))));
  }

  @Test
  void printsAsUpstream() {
    assertThat(YamlWriter.print(config()::write))
        .isEqualTo(
            """
            static_configs:
            - targets:
              - a
              - b
              labels:
                rack: "1"
            - targets:
              - c
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [null]                          | empty or null section in static_configs (line 1)
          [{targets: a}]                  | yaml: unmarshal errors:;  line 1: cannot unmarshal !!str `a` into []string
          [{targets: [[a]]}]              | yaml: unmarshal errors:;  line 1: cannot unmarshal !!seq into string
          [{labels: [a]}]                 | yaml: unmarshal errors:;  line 1: cannot unmarshal !!seq into model.LabelSet
          [{labels: {a: [b]}}]            | yaml: unmarshal errors:;  line 1: cannot unmarshal !!seq into model.LabelValue
          [{labels: {'': b}}]             | "" is not a valid label name (line 1)
          a                               | yaml: unmarshal errors:;  line 1: cannot unmarshal !!str `a` into []*targetgroup.Group
          """)
  void wrongGroups(String yaml, String message) {
    assertThatThrownBy(() -> Yaml.decode(yaml, StaticConfig::decode))
        .hasMessage(message.replace(';', '\n'));
  }
}
