package io.narthex.discovery.openstack;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The identity service, by its API v3 (OpenStack's reference "Identity API v3, password
 * authentication with scoped authorization" and "authenticating with an application credential").
 * Version 2 is refused: OpenStack has had none since 2018.
 */
final class Keystone {

  /** Statuses of versions that are in use. */
  private static final List<String> GOOD = List.of("current", "supported", "stable");

  private final Login login;
  private final ApiClient api;
  private final Duration timeout;

  /**
   * A token, and the services that it opens.
   *
   * @param catalog an array of services
   */
  record Granted(String token, JsonValue catalog) {}

  Keystone(Login login, ApiClient api, Duration timeout) {
    this.login = login;
    this.api = api;
    this.timeout = timeout;
  }

  /** Asks for a token. */
  Granted logIn() throws IOException {
    byte[] body = login.request();
    HttpUrl url = HttpUrl.parse(endpoint() + "auth/tokens");
    Request request =
        Request.post(url, "application/json", body)
            .header("Accept", "application/json")
            .timeout(timeout)
            .mayRepeat();
    Reply reply = api.send(request);
    String token = reply.headers().first("X-Subject-Token");
    if (token == null || token.isEmpty()) {
      throw new IOException(url.text() + ": the answer has no X-Subject-Token");
    }
    return new Granted(token, JsonValue.parse(reply.body()).get("token").get("catalog"));
  }

  /** Where version 3 is, with a slash at the end. */
  private String endpoint() throws IOException {
    String base = login.endpoint().endsWith("/") ? login.endpoint() : login.endpoint() + "/";
    if (base.endsWith("/v3/")) {
      return base;
    }
    if (base.endsWith("/v2.0/")) {
      throw new IOException("version 2.0 of the identity API is not supported by Narthex: " + base);
    }
    Request request =
        Request.get(HttpUrl.parse(base)).header("Accept", "application/json").timeout(timeout);
    Reply reply = api.any(request);
    // The list of versions comes as 300 Multiple Choices.
    if (!reply.isOk() && reply.status() != 300) {
      throw ApiClient.refusal(request, reply);
    }
    JsonValue versions = JsonValue.parse(reply.body()).get("versions");
    for (JsonValue version : versions.get("values").items()) {
      boolean good = GOOD.contains(version.text("status").toLowerCase(Locale.ROOT));
      if (good && version.text("id").startsWith("v3")) {
        for (JsonValue link : version.get("links").items()) {
          if (link.text("rel").equals("self")) {
            String href = link.text("href");
            return href.endsWith("/") ? href : href + "/";
          }
        }
      }
    }
    throw new IOException("No supported version available from endpoint " + base);
  }
}
