package io.narthex.remote.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.remote.write.MessageType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sections about other servers: defaults and what is refused. */
final class RemoteConfigTest {

  private static RemoteWriteConfig write(String yaml) {
    return Yaml.decode(
        yaml, value -> RemoteWriteConfig.decode(value).complete(ValidationScheme.UTF8));
  }

  @Test
  void defaultsOfWriting() {
    RemoteWriteConfig config = write("url: http://a/push");
    assertThat(config.url()).isEqualTo("http://a/push");
    assertThat(config.remoteTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.headers()).isEmpty();
    assertThat(config.relabelling()).isEmpty();
    assertThat(config.name()).isEmpty();
    assertThat(config.sendExemplars()).isFalse();
    assertThat(config.sendNativeHistograms()).isFalse();
    assertThat(config.roundRobinDns()).isFalse();
    assertThat(config.message()).isEqualTo(MessageType.V1);
    assertThat(config.http().enableHttp2()).isFalse();
    assertThat(config.http().followRedirects()).isTrue();
    assertThat(config.queue())
        .isEqualTo(
            new QueueConfig(
                10_000,
                50,
                1,
                2_000,
                Duration.ofSeconds(5),
                Duration.ofMillis(30),
                Duration.ofSeconds(5),
                false,
                Duration.ZERO));
    assertThat(config.metadata()).isEqualTo(new MetadataConfig(true, Duration.ofMinutes(1), 2_000));
    assertThat(config.sigv4()).isNull();
    assertThat(config.azureAd()).isNull();
    assertThat(config.googleIam()).isNull();
  }

  @Test
  void defaultsOfReading() {
    assertThat(Yaml.decode("url: http://a/read", RemoteReadConfig::decode))
        .isEqualTo(
            new RemoteReadConfig(
                "http://a/read",
                Duration.ofMinutes(1),
                50_000_000,
                Map.of(),
                false,
                "",
                HttpClientConfig.DEFAULT,
                Map.of(),
                true));
  }

  @Test
  void defaultsOfOtlp() {
    assertThat(Yaml.decode("{}", OtlpConfig::decode))
        .isEqualTo(OtlpConfig.DEFAULT)
        .isEqualTo(
            new OtlpConfig(
                false,
                List.of(),
                List.of(),
                OtlpConfig.Strategy.UNDERSCORES_WITH_SUFFIXES,
                false,
                false,
                false,
                true,
                true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          null                       | empty or null remote write config section (line 1)
          {}                         | url for remote_write is empty (line 1)
          {url: ':a'}                | parse ":a": missing protocol scheme (line 1)
          {url: a, write_relabel_configs: [null]} | empty or null relabeling rule in remote write config (line 1)
          {url: a, headers: {Host: b}} | Host is a reserved header. It must not be changed (line 1)
          {url: a, headers: {authorization: b}} | authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter (line 1)
          {url: a, protobuf_message: b} | invalid protobuf_message value: unknown type for remote write protobuf message b, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request (line 1)
          {url: a, basic_auth: {username: b}, sigv4: {}} | at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. Currently configured: [basic_auth sigv4] (line 1)
          {url: a, queue_config: {capacity: 0}} | remote write queue capacity must be positive (line 1)
          {url: a, queue_config: {min_shards: 60}} | remote write queue min_shards must not be greater than max_shards (line 1)
          {url: a, queue_config: {min_backoff: 6s}} | remote write queue max_backoff must not be less than min_backoff (line 1)
          {url: a, failed_request_logging: true} | field failed_request_logging is not supported by Narthex yet (line 1)
          """)
  void brokenRulesOfWriting(String yaml, String message) {
    assertThatThrownBy(() -> write(yaml)).isInstanceOf(YamlException.class).hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          null                       | empty or null remote read config section (line 1)
          {url: }                    | url for remote_read is empty (line 1)
          {url: a, required_matchers: {'': b}} | "" is not a valid label name (line 1)
          """)
  void brokenRulesOfReading(String yaml, String message) {
    assertThatThrownBy(() -> Yaml.decode(yaml, RemoteReadConfig::decode)).hasMessage(message);
  }

  @Test
  void secretsAreNotShown() {
    String shown =
        YamlWriter.print(
            write("{url: 'http://u:s3cret@a', bearer_token: s3cret, queue_config: {}}")::write);
    assertThat(shown).contains("u:xxxxx@a", "credentials: <secret>").doesNotContain("s3cret");
  }
}
