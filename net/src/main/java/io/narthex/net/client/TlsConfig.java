package io.narthex.net.client;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.util.List;

/**
 * TLS towards a server. Certificates and keys are PEM, given or in files, which are read again when
 * they change. Empty where not given.
 *
 * @param ca whom to trust instead of the system's authorities
 * @param serverName the name that the server's certificate must bear, if not the host's
 * @param minVersion {@code TLS10} to {@code TLS13}
 * @param maxVersion likewise
 */
public record TlsConfig(
    String ca,
    String caFile,
    String cert,
    String certFile,
    String key,
    String keyFile,
    String serverName,
    boolean insecureSkipVerify,
    String minVersion,
    String maxVersion) {

  /** Nothing set. */
  public static final TlsConfig DEFAULT = new TlsConfig("", "", "", "", "", "", "", false, "", "");

  private static final List<String> VERSIONS = List.of("TLS10", "TLS11", "TLS12", "TLS13");

  /** Reads the section. */
  public static TlsConfig decode(YamlValue value) {
    YamlMap map = value.map("config.plain");
    TlsConfig tls =
        new TlsConfig(
            map.text("ca", ""),
            map.file("ca_file"),
            map.text("cert", ""),
            map.file("cert_file"),
            map.text("key", ""),
            map.file("key_file"),
            map.text("server_name", ""),
            map.bool("insecure_skip_verify", false),
            map.value("min_version", "", TlsConfig::version),
            map.value("max_version", "", TlsConfig::version));
    map.notYet("ca_ref", "cert_ref", "key_ref");
    map.finish();
    String problem = tls.problem();
    if (!problem.isEmpty()) {
      throw value.error(problem);
    }
    return tls;
  }

  private static String version(YamlValue value) {
    String version = value.text();
    if (!VERSIONS.contains(version)) {
      throw value.error("unknown TLS version: " + version);
    }
    return version;
  }

  private String problem() {
    if (!ca.isEmpty() && !caFile.isEmpty()) {
      return "at most one of ca, ca_file & ca_ref must be configured";
    }
    if (!cert.isEmpty() && !certFile.isEmpty()) {
      return "at most one of cert, cert_file & cert_ref must be configured";
    }
    if (!key.isEmpty() && !keyFile.isEmpty()) {
      return "at most one of key and key_file must be configured";
    }
    boolean hasCert = !cert.isEmpty() || !certFile.isEmpty();
    boolean hasKey = !key.isEmpty() || !keyFile.isEmpty();
    if (hasCert && !hasKey) {
      return "exactly one of key or key_file must be configured when a client certificate is"
          + " configured";
    }
    if (hasKey && !hasCert) {
      return "exactly one of cert or cert_file must be configured when a client key is configured";
    }
    return "";
  }

  /** Writes the section as upstream prints it. */
  public void write(YamlWriter.Map out) {
    out.text("ca", ca);
    out.text("cert", cert);
    out.secret("key", key);
    out.text("ca_file", caFile);
    out.text("cert_file", certFile);
    out.text("key_file", keyFile);
    out.text("server_name", serverName);
    if (!equals(DEFAULT)) {
      out.bool("insecure_skip_verify", insecureSkipVerify);
    }
    out.text("min_version", minVersion);
    out.text("max_version", maxVersion);
  }
}
