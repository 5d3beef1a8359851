package io.narthex.net.web;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code tls_server_config}. Empty where not given.
 *
 * @param clientSans names that a client's certificate must bear one of, null for any
 * @param ciphers of TLS 1.2; those of 1.3 are not to be chosen, as in Go
 * @param curves as Java names them
 * @param minVersion as Java names it
 */
record ServerTlsConfig(
    String cert,
    String certFile,
    String key,
    String keyFile,
    String clientAuth,
    String clientCa,
    String clientCaFile,
    @Nullable List<String> clientSans,
    List<String> ciphers,
    List<String> curves,
    String minVersion,
    String maxVersion,
    boolean prefersOwnCiphers) {

  static final ServerTlsConfig NONE =
      new ServerTlsConfig(
          "", "", "", "", "", "", "", null, List.of(), List.of(), "TLSv1.2", "TLSv1.3", true);

  /** The suites of TLS 1.2 and before that Go calls safe, by the names that both give them. */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");

  static ServerTlsConfig decode(YamlValue value) {
    YamlMap map = value.map("web.TLSConfig");
    YamlValue sans = map.get("client_allowed_sans");
    ServerTlsConfig config =
        new ServerTlsConfig(
            map.text("cert", ""),
            map.file("cert_file"),
            map.text("key", ""),
            map.file("key_file"),
            map.text("client_auth_type", ""),
            map.text("client_ca", ""),
            map.file("client_ca_file"),
            sans == null || sans.isNull() ? null : map.texts("client_allowed_sans"),
            map.list("cipher_suites", "[]web.Cipher", ServerTlsConfig::cipher),
            map.list("curve_preferences", "[]web.Curve", ServerTlsConfig::curve),
            map.value("min_version", NONE.minVersion, ServerTlsConfig::version),
            map.value("max_version", NONE.maxVersion, ServerTlsConfig::version),
            map.bool("prefer_server_cipher_suites", true));
    map.finish();
    return config;
  }

  private static String cipher(YamlValue value) {
    if (!CIPHERS.contains(value.text())) {
      throw value.error("unknown cipher: " + value.text());
    }
    return value.text();
  }

  private static String curve(YamlValue value) {
    return switch (value.text()) {
      case "CurveP256" -> "secp256r1";
      case "CurveP384" -> "secp384r1";
      case "CurveP521" -> "secp521r1";
      case "X25519" -> "x25519";
      default -> throw value.error("unknown curve: " + value.text());
    };
  }

  private static String version(YamlValue value) {
    return switch (value.text()) {
      case "TLS10" -> "TLSv1";
      case "TLS11" -> "TLSv1.1";
      case "TLS12" -> "TLSv1.2";
      case "TLS13" -> "TLSv1.3";
      default -> throw value.error("unknown TLS version: " + value.text());
    };
  }

  /** Whether TLS is asked for. */
  boolean isEnabled() {
    return !(cert + certFile + key + keyFile + clientAuth + clientCa + clientCaFile).isEmpty();
  }

  /** Whether a client must show a certificate. */
  boolean requiresCertificate() {
    return switch (clientAuth) {
      case "RequireAnyClientCert", "RequireClientCert", "RequireAndVerifyClientCert" -> true;
      default -> false;
    };
  }

  /** Whether a client is asked for a certificate. */
  boolean asksForCertificate() {
    return !clientAuth.isEmpty() && !clientAuth.equals("NoClientCert");
  }

  /** Whether a client's certificate must come from an authority that is trusted. */
  boolean verifies() {
    return clientAuth.equals("VerifyClientCertIfGiven")
        || clientAuth.equals("RequireAndVerifyClientCert");
  }

  /** The rules that need no file. */
  void check() throws WebConfigException {
    if (cert.isEmpty() && certFile.isEmpty()) {
      throw new WebConfigException("missing one of cert or cert_file");
    }
    if (key.isEmpty() && keyFile.isEmpty()) {
      throw new WebConfigException("missing one of key or key_file");
    }
  }

  /** The rules that stand behind the files. */
  void checkPolicy() throws WebConfigException {
    switch (clientAuth) {
      case "",
          "NoClientCert",
          "RequestClientCert",
          "RequireAnyClientCert",
          "RequireClientCert",
          "VerifyClientCertIfGiven",
          "RequireAndVerifyClientCert" -> {}
      default -> throw new WebConfigException("invalid ClientAuth: " + clientAuth);
    }
    if (!(clientCa.isEmpty() && clientCaFile.isEmpty()) && !asksForCertificate()) {
      throw new WebConfigException(
          "client CA's have been configured without a Client Auth Policy");
    }
    if (clientSans != null && !requiresCertificate()) {
      throw new WebConfigException(
          "client_allowed_sans requires client_auth_type to be one of RequireAnyClientCert or"
              + " RequireAndVerifyClientCert");
    }
  }
}
