package io.narthex.remote.config;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.duration.Durations;
import java.time.Duration;

/**
 * Whether and how often metadata is sent, in protocol 1.0.
 *
 * @param maxSamplesPerSend metrics of one request
 */
public record MetadataConfig(boolean send, Duration sendInterval, int maxSamplesPerSend) {

  /** Upstream's defaults. */
  public static final MetadataConfig DEFAULT =
      new MetadataConfig(true, Duration.ofMinutes(1), 2_000);

  static MetadataConfig decode(YamlValue value) {
    YamlMap map = value.map("config.MetadataConfig");
    MetadataConfig metadata =
        new MetadataConfig(
            map.bool("send", DEFAULT.send),
            map.value("send_interval", DEFAULT.sendInterval, Durations::decode),
            map.whole("max_samples_per_send", DEFAULT.maxSamplesPerSend));
    map.finish();
    return metadata;
  }

  void write(YamlWriter.Map out) {
    out.bool("send", send);
    out.put("send_interval", Durations.print(sendInterval));
    out.unsigned("max_samples_per_send", maxSamplesPerSend);
  }
}
