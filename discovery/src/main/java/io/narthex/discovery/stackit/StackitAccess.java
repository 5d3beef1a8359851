package io.narthex.discovery.stackit;

import io.narthex.base.json.JsonValue;
import io.narthex.net.client.Authorization;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.OAuth2;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who asks STACKIT: a service account, whose key signs assertions that are exchanged for tokens
 * (RFC 7523), as STACKIT's documentation "Key flow" says; a token out of a credentials file; or
 * whoever the HTTP client is told to be. Variables of the environment are those of STACKIT's own
 * libraries.
 */
final class StackitAccess {

  private static final String TOKEN_URL = "https://service-account.api.stackit.cloud/token";

  private StackitAccess() {}

  /**
   * How to speak HTTP to the API.
   *
   * @param environment of the process
   * @throws IOException if a key or a file is no good
   */
  static HttpClientConfig client(StackitConfig config, Map<String, String> environment)
      throws IOException {
    String key = config.serviceAccountKey();
    if (key.isEmpty() && !config.serviceAccountKeyPath().isEmpty()) {
      key = read(config.serviceAccountKeyPath());
    }
    if (key.isEmpty() && !config.credentialsFilePath().isEmpty()) {
      JsonValue credentials = json("credentials file", read(config.credentialsFilePath()));
      String path = credentials.text("STACKIT_SERVICE_ACCOUNT_KEY_PATH");
      if (path.isEmpty()) {
        return token(config.http(), credentials.text("STACKIT_SERVICE_ACCOUNT_TOKEN"));
      }
      key = read(path);
    }
    return key.isEmpty()
        ? config.http()
        : with(config.http(), null, flow(config, key, environment));
  }

  private static HttpClientConfig token(HttpClientConfig http, String token) throws IOException {
    if (token.isEmpty()) {
      throw new IOException(
          "setting up authentication: no valid credentials were found: the credentials file has"
              + " neither STACKIT_SERVICE_ACCOUNT_KEY_PATH nor STACKIT_SERVICE_ACCOUNT_TOKEN");
    }
    return with(http, new Authorization("Bearer", token, ""), null);
  }

  /** The same way, but as somebody else. */
  private static HttpClientConfig with(
      HttpClientConfig http, @Nullable Authorization authorization, @Nullable OAuth2 oauth2) {
    return new HttpClientConfig(
        null,
        authorization,
        oauth2,
        http.tls(),
        http.followRedirects(),
        http.enableHttp2(),
        http.proxy(),
        http.headers());
  }

  private static OAuth2 flow(StackitConfig config, String key, Map<String, String> environment)
      throws IOException {
    JsonValue credentials = json("service account key", key).get("credentials");
    if (credentials.isNull()) {
      throw new IOException(
          "setting up authentication: the service account key has no credentials");
    }
    return new OAuth2(
        credentials.text("sub"),
        "",
        "",
        credentials.text("kid"),
        privateKey(config, credentials.text("privateKey"), environment),
        "",
        OAuth2.JWT_BEARER,
        "RS512",
        credentials.text("iss"),
        credentials.text("aud"),
        Map.of(),
        List.of(),
        environment.getOrDefault("STACKIT_TOKEN_BASEURL", TOKEN_URL),
        Map.of(),
        config.http().tls(),
        config.http().proxy());
  }

  /** The private key, which may stand beside the service account's key or in it. */
  private static String privateKey(
      StackitConfig config, String included, Map<String, String> environment) throws IOException {
    if (!config.privateKey().isEmpty()) {
      return config.privateKey();
    }
    if (!config.privateKeyPath().isEmpty()) {
      return read(config.privateKeyPath());
    }
    if (!environment.getOrDefault("STACKIT_PRIVATE_KEY", "").isEmpty()) {
      return environment.getOrDefault("STACKIT_PRIVATE_KEY", "");
    }
    String path = environment.getOrDefault("STACKIT_PRIVATE_KEY_PATH", "");
    if (path.isEmpty() && !config.credentialsFilePath().isEmpty()) {
      JsonValue credentials = json("credentials file", read(config.credentialsFilePath()));
      path = credentials.text("STACKIT_PRIVATE_KEY_PATH");
    }
    if (!path.isEmpty()) {
      return read(path);
    }
    if (included.isEmpty()) {
      throw new IOException(
          "setting up authentication: private key is not part of the service account key and could"
              + " not be found");
    }
    return included;
  }

  private static JsonValue json(String what, String text) throws IOException {
    try {
      return JsonValue.parse(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IOException("unmarshalling " + what + ": " + e.getMessage(), e);
    }
  }

  private static String read(String file) throws IOException {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new IOException("setting up authentication: cannot read " + file + ": " + e, e);
    }
  }
}
