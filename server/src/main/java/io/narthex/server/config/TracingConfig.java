package io.narthex.server.config;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.TlsConfig;
import io.narthex.remote.config.Headers;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where traces are sent to.
 *
 * @param clientType {@code grpc} or {@code http}
 * @param samplingFraction which part of the traces is kept, 0 to 1
 * @param insecure whether the connection is in the clear
 * @param headers further headers
 * @param compression {@code gzip} or empty
 * @param timeout how long a request may take; zero for the exporter's 10 s
 */
public record TracingConfig(
    String clientType,
    String endpoint,
    double samplingFraction,
    boolean insecure,
    TlsConfig tls,
    Map<String, String> headers,
    String compression,
    Duration timeout) {

  public TracingConfig {
    headers = Map.copyOf(headers);
  }

  static TracingConfig decode(YamlValue value) {
    YamlMap map = value.map("config.plain");
    TracingConfig tracing =
        new TracingConfig(
            map.value("client_type", "grpc", TracingConfig::clientType),
            map.text("endpoint", ""),
            map.number("sampling_fraction", 0),
            map.bool("insecure", false),
            map.value("tls_config", TlsConfig.DEFAULT, TlsConfig::decode),
            Headers.read(map),
            map.text("compression", ""),
            map.value("timeout", Duration.ZERO, Durations::decode));
    map.finish();
    Headers.check(
        map, tracing.headers, "custom authorization header configuration is not yet supported");
    if (tracing.endpoint.isEmpty()) {
      throw value.error("tracing endpoint must be set");
    }
    if (!tracing.compression.isEmpty() && !tracing.compression.equals("gzip")) {
      throw map.error(
          "compression",
          "invalid compression type " + tracing.compression + " provided, valid options: gzip");
    }
    return tracing;
  }

  private static String clientType(YamlValue value) {
    String type = value.text("config.plain");
    if (!type.equals("http") && !type.equals("grpc")) {
      throw value.error("expected tracing client type to be to be http or grpc, but got " + type);
    }
    return type;
  }

  void write(YamlWriter.Map out) {
    out.text("client_type", clientType);
    out.text("endpoint", endpoint);
    out.number("sampling_fraction", samplingFraction);
    out.flag("insecure", insecure);
    out.mapIfAny("tls_config", tls::write);
    out.textMap("headers", new TreeMap<>(headers));
    out.text("compression", compression);
    Durations.write(out, "timeout", timeout);
  }
}
