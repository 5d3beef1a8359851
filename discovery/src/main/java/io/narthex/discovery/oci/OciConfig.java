package io.narthex.discovery.oci;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import java.time.Duration;
import java.util.List;

/**
 * Where to look for instances of Oracle's cloud.
 *
 * @param auth {@code api_key} or {@code instance_principal}
 * @param tenancy of the API key
 * @param user of the API key
 * @param fingerprint of the API key
 * @param keyFile the API key, PEM
 * @param keyPassphrase opens it
 * @param keyPassphraseFile the file with what opens it
 * @param region the region
 * @param compartments the compartments, empty for all of the tenancy
 * @param port the port of every target
 * @param refreshInterval time between two looks
 * @param http how to speak HTTP to it
 */
public record OciConfig(
    String auth,
    String tenancy,
    String user,
    String fingerprint,
    String keyFile,
    String keyPassphrase,
    String keyPassphraseFile,
    String region,
    List<String> compartments,
    int port,
    Duration refreshInterval,
    HttpClientConfig http)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "oci_sd_configs";

  public OciConfig {
    compartments = List.copyOf(compartments);
  }

  /** Reads one configuration. */
  public static OciConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "oci.plain");
    String auth = map.text("auth", "api_key");
    String tenancy = map.text("tenancy", "");
    String user = map.text("user", "");
    String fingerprint = map.text("fingerprint", "");
    String keyFile = map.file("key_file");
    String keyPassphrase = map.text("key_passphrase", "config.Secret", "");
    String keyPassphraseFile = map.file("key_passphrase_file");
    String region = map.text("region", "");
    List<String> compartments = map.texts("compartments");
    int port = map.whole("port", 80);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    checkAccess(
        map, auth, List.of(tenancy, user, fingerprint, keyFile), keyPassphrase, keyPassphraseFile);
    if (region.isEmpty()) {
      throw map.self().error("oci_sd: region is required");
    }
    for (int i = 0; i < compartments.size(); i++) {
      if (compartments.get(i).isEmpty()) {
        throw map.error("compartments", "oci_sd: compartments[" + i + "] must not be empty");
      }
    }
    if (refreshInterval.isZero()) {
      throw map.error("refresh_interval", "oci_sd: refresh_interval must be positive, got 0s");
    }
    HttpClientConfig client = http.complete();
    return new OciConfig(
        auth,
        tenancy,
        user,
        fingerprint,
        keyFile,
        keyPassphrase,
        keyPassphraseFile,
        region,
        compartments,
        port,
        refreshInterval,
        client);
  }

  private static final List<String> KEY_PARTS =
      List.of("tenancy", "user", "fingerprint", "key_file");

  private static void checkAccess(
      YamlMap map, String auth, List<String> parts, String passphrase, String passphraseFile) {
    switch (auth) {
      case "api_key" -> {
        int missing = parts.indexOf("");
        if (missing >= 0) {
          throw map.self().error("oci_sd: api_key auth requires " + KEY_PARTS.get(missing));
        }
        if (!passphrase.isEmpty() && !passphraseFile.isEmpty()) {
          throw map.self()
              .error(
                  "oci_sd: at most one of key_passphrase and key_passphrase_file must be"
                      + " configured");
        }
      }
      case "instance_principal" -> {
        if (!String.join("", parts).isEmpty()
            || !passphrase.isEmpty()
            || !passphraseFile.isEmpty()) {
          throw map.self()
              .error(
                  "oci_sd: instance_principal auth must not have tenancy, user, fingerprint,"
                      + " key_file, key_passphrase, or key_passphrase_file set");
        }
      }
      default ->
          throw map.error(
              "auth",
              "oci_sd: unknown auth method "
                  + GoQuote.quote(auth)
                  + ", expected \"api_key\" or \"instance_principal\"");
    }
  }

  @Override
  public String mechanism() {
    return "oci";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(),
        refreshInterval,
        context,
        () -> new OciInstances(this, context, System.getenv()));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.text("auth", auth);
    out.text("tenancy", tenancy);
    out.text("user", user);
    out.text("fingerprint", fingerprint);
    out.text("key_file", keyFile);
    out.secret("key_passphrase", keyPassphrase);
    out.text("key_passphrase_file", keyPassphraseFile);
    out.text("region", region);
    out.texts("compartments", compartments);
    out.whole("port", port);
    Durations.write(out, "refresh_interval", refreshInterval);
    http.write(out);
  }
}
