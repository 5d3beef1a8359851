package io.narthex.remote.config;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.duration.Durations;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.model.relabel.RelabelConfig;
import io.narthex.net.client.AzureAdConfig;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.SigV4Config;
import io.narthex.net.url.Url;
import io.narthex.remote.write.MessageType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Another server that samples are sent to.
 *
 * @param remoteTimeout how long a request may take
 * @param headers further headers
 * @param relabelling rules for what is sent
 * @param name in metrics and logs, empty for one made from the configuration
 * @param roundRobinDns whether each connection goes to another address of the name
 * @param message the protobuf message
 * @param sigv4 signing for AWS, or null
 * @param azureAd tokens of Azure, or null
 * @param googleIam tokens of Google, or null
 */
public record RemoteWriteConfig(
    String url,
    Duration remoteTimeout,
    Map<String, String> headers,
    List<RelabelConfig> relabelling,
    String name,
    boolean sendExemplars,
    boolean sendNativeHistograms,
    boolean roundRobinDns,
    MessageType message,
    HttpClientConfig http,
    QueueConfig queue,
    MetadataConfig metadata,
    @Nullable SigV4Config sigv4,
    @Nullable AzureAdConfig azureAd,
    @Nullable GoogleIamConfig googleIam) {

  static final String AUTHORIZATION_HEADER =
      "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4,"
          + " azuread or google_iam parameter";

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  public RemoteWriteConfig {
    headers = Map.copyOf(headers);
    relabelling = List.copyOf(relabelling);
  }

  /** A section that has been read; which names its rules may write is not yet known. */
  @FunctionalInterface
  public interface Draft {

    /**
     * Checks the rules and completes the section.
     *
     * @throws io.narthex.base.yaml.YamlException if one is broken
     */
    RemoteWriteConfig complete(ValidationScheme scheme);
  }

  /** Reads one element of the list. */
  public static Draft decode(YamlValue value) {
    if (value.isNull()) {
      throw value.error("empty or null remote write config section");
    }
    YamlMap map = value.map("config.plain");
    String url = map.optional("url", Url::decode);
    Duration timeout = map.value("remote_timeout", DEFAULT_TIMEOUT, Durations::decode);
    Map<String, String> headers = Headers.read(map);
    List<RelabelConfig.Draft> rules =
        map.list("write_relabel_configs", "[]*relabel.Config", RemoteWriteConfig::rule);
    String name = map.text("name", "");
    boolean exemplars = map.bool("send_exemplars", false);
    boolean histograms = map.bool("send_native_histograms", false);
    boolean roundRobin = map.bool("round_robin_dns", false);
    MessageType message = map.value("protobuf_message", MessageType.V1, RemoteWriteConfig::message);
    HttpClientConfig.Draft http = HttpClientConfig.read(map, false);
    QueueConfig queue = map.value("queue_config", QueueConfig.DEFAULT, QueueConfig::decode);
    MetadataConfig metadata =
        map.value("metadata_config", MetadataConfig.DEFAULT, MetadataConfig::decode);
    SigV4Config sigv4 = map.optional("sigv4", SigV4Config::decode);
    AzureAdConfig azureAd = map.optional("azuread", AzureAdConfig::decode);
    GoogleIamConfig googleIam = map.optional("google_iam", GoogleIamConfig::decode);
    map.notYet("failed_request_logging");
    map.finish();
    if (url == null) {
      throw value.error("url for remote_write is empty");
    }
    Headers.check(map, headers, AUTHORIZATION_HEADER);
    HttpClientConfig client = http.complete();
    RemoteWriteConfig config =
        new RemoteWriteConfig(
            url,
            timeout,
            headers,
            List.of(),
            name,
            exemplars,
            histograms,
            roundRobin,
            message,
            client,
            queue,
            metadata,
            sigv4,
            azureAd,
            googleIam);
    List<String> ways = config.authentication();
    if (ways.size() > 1) {
      throw value.error(
          "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be"
              + " configured. Currently configured: ["
              + String.join(" ", ways)
              + "]");
    }
    return scheme -> config.with(rules.stream().map(rule -> rule.complete(scheme)).toList());
  }

  private RemoteWriteConfig with(List<RelabelConfig> rules) {
    return new RemoteWriteConfig(
        url,
        remoteTimeout,
        headers,
        rules,
        name,
        sendExemplars,
        sendNativeHistograms,
        roundRobinDns,
        message,
        http,
        queue,
        metadata,
        sigv4,
        azureAd,
        googleIam);
  }

  private static RelabelConfig.Draft rule(YamlValue value) {
    if (value.isNull()) {
      throw value.error("empty or null relabeling rule in remote write config");
    }
    return RelabelConfig.decode(value);
  }

  private static MessageType message(YamlValue value) {
    try {
      return MessageType.of(value.text());
    } catch (IllegalArgumentException e) {
      throw value.error("invalid protobuf_message value: " + e.getMessage());
    }
  }

  /** The ways to authenticate that are configured. */
  private List<String> authentication() {
    List<String> ways = new ArrayList<>();
    addIf(ways, http.basicAuth() != null, "basic_auth");
    addIf(ways, http.authorization() != null, "authorization");
    addIf(ways, http.oauth2() != null, "oauth2");
    addIf(ways, sigv4 != null, "sigv4");
    addIf(ways, azureAd != null, "azuread");
    addIf(ways, googleIam != null, "google_iam");
    return ways;
  }

  private static void addIf(List<String> ways, boolean configured, String way) {
    if (configured) {
      ways.add(way);
    }
  }

  /** Checks that no two bear the same name. */
  public static void checkNames(YamlMap map, String key, List<RemoteWriteConfig> configs) {
    Set<String> seen = new HashSet<>();
    for (RemoteWriteConfig config : configs) {
      if (!config.name.isEmpty() && !seen.add(config.name)) {
        throw map.error(
            key, "found multiple remote write configs with job name " + GoQuote.quote(config.name));
      }
    }
  }

  /** Writes the section as upstream prints it. */
  public void write(YamlWriter.Map out) {
    out.put("url", Url.redacted(url));
    Durations.write(out, "remote_timeout", remoteTimeout);
    out.textMap("headers", new TreeMap<>(headers));
    out.maps("write_relabel_configs", relabelling, RelabelConfig::write);
    out.text("name", name);
    out.flag("send_exemplars", sendExemplars);
    out.flag("send_native_histograms", sendNativeHistograms);
    out.flag("round_robin_dns", roundRobinDns);
    out.put("protobuf_message", message.text());
    http.write(out);
    out.map("queue_config", queue::write);
    out.map("metadata_config", metadata::write);
    if (sigv4 != null) {
      out.map("sigv4", sigv4::write);
    }
    if (azureAd != null) {
      out.map("azuread", azureAd::write);
    }
    if (googleIam != null) {
      out.map("google_iam", googleIam::write);
    }
  }
}
