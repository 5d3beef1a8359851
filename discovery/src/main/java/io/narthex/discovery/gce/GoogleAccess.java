package io.narthex.discovery.gce;

import io.narthex.base.json.JsonValue;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.OAuth2;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who asks Google: the "application default credentials" of its documentation. That is the file
 * that {@code GOOGLE_APPLICATION_CREDENTIALS} names, else the one that {@code gcloud} has left in
 * the home directory, else the machine's own account by the metadata server. Files of service
 * accounts and of users are known; federations and impersonations are not, and refused.
 *
 * @param endpoint the API's, without a slash at the end
 * @param http how to speak HTTP to the API, tokens of a service account included
 * @param token asks for a token where there is no service account's key, or null
 */
record GoogleAccess(String endpoint, HttpClientConfig http, @Nullable Request token) {

  private static final String SCOPE = "https://www.googleapis.com/auth/compute.readonly";
  private static final String TOKEN_URL = "https://oauth2.googleapis.com/token";
  private static final String HOME_FILE = ".config/gcloud/application_default_credentials.json";

  /** As Go's default transport: whatever proxy the environment names. */
  private static final ProxyConfig PROXY = new ProxyConfig("", "", true, Map.of());

  /**
   * Looks for them.
   *
   * @param environment of the process
   * @throws IOException if there is a file, but none that is of use
   */
  static GoogleAccess find(Map<String, String> environment) throws IOException {
    String named = environment.getOrDefault("GOOGLE_APPLICATION_CREDENTIALS", "");
    if (!named.isEmpty()) {
      return read(Path.of(named));
    }
    String home = environment.getOrDefault("HOME", "");
    if (!home.isEmpty() && Files.exists(Path.of(home, HOME_FILE))) {
      return read(Path.of(home, HOME_FILE));
    }
    String host = environment.getOrDefault("GCE_METADATA_HOST", "");
    Request token =
        Request.get(
                HttpUrl.parse(
                    "http://"
                        + (host.isEmpty() ? "169.254.169.254" : host)
                        + "/computeMetadata/v1/instance/service-accounts/default/token?scopes="
                        + Forms.escape(SCOPE)))
            .header("Metadata-Flavor", "Google");
    return new GoogleAccess(endpoint("googleapis.com"), client(null), token);
  }

  private static GoogleAccess read(Path file) throws IOException {
    try {
      return of(JsonValue.parse(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new IOException(
          "error setting up communication with GCE service: " + file + ": " + e.getMessage(), e);
    }
  }

  private static GoogleAccess of(JsonValue file) throws IOException {
    String universe = file.text("universe_domain");
    String endpoint = endpoint(universe.isEmpty() ? "googleapis.com" : universe);
    String url = file.text("token_uri").isEmpty() ? TOKEN_URL : file.text("token_uri");
    return switch (file.text("type")) {
      case "service_account" -> new GoogleAccess(endpoint, client(account(file, url)), null);
      case "authorized_user" -> new GoogleAccess(endpoint, client(null), user(file, url));
      default ->
          throw new IOException(
              "credentials of the type \""
                  + file.text("type")
                  + "\" are not supported by Narthex, only service_account and authorized_user");
    };
  }

  private static String endpoint(String universe) {
    return "https://compute." + universe;
  }

  private static HttpClientConfig client(@Nullable OAuth2 oauth2) {
    return new HttpClientConfig(null, null, oauth2, TlsConfig.DEFAULT, true, true, PROXY, Map.of());
  }

  private static OAuth2 account(JsonValue file, String url) throws IOException {
    for (String field : List.of("client_email", "private_key")) {
      if (file.text(field).isEmpty()) {
        throw new IOException("the service account has no " + field);
      }
    }
    // No client: an assertion with a subject would ask to act as somebody else.
    return new OAuth2(
        "",
        "",
        "",
        file.text("private_key_id"),
        file.text("private_key"),
        "",
        OAuth2.JWT_BEARER,
        "RS256",
        file.text("client_email"),
        url,
        Map.of(),
        List.of(SCOPE),
        url,
        Map.of(),
        TlsConfig.DEFAULT,
        PROXY);
  }

  private static Request user(JsonValue file, String url) throws IOException {
    Map<String, String> form = new TreeMap<>();
    form.put("grant_type", "refresh_token");
    form.put("client_id", file.text("client_id"));
    form.put("client_secret", file.text("client_secret"));
    form.put("refresh_token", file.text("refresh_token"));
    byte[] body = Forms.encode(form).getBytes(StandardCharsets.US_ASCII);
    return Request.post(HttpUrl.parse(url), "application/x-www-form-urlencoded", body).mayRepeat();
  }
}
