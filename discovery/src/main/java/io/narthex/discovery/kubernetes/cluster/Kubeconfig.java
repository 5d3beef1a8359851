package io.narthex.discovery.kubernetes.cluster;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlDecoder;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.net.client.Authorization;
import io.narthex.net.client.BasicAuth;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The file by which {@code kubectl} finds a cluster: of all that is in it, what the current context
 * names. Keys that this program does not know are passed, as others do; those that say how to log
 * in and that it cannot follow (helper programs, impersonation) are refused by name, because
 * without them it would speak as somebody else.
 *
 * <p>Format: Kubernetes documentation, "kubeconfig (v1)".
 */
final class Kubeconfig {

  private static final List<String> REFUSED =
      List.of("exec", "auth-provider", "as", "as-uid", "as-groups", "as-user-extra");

  private record Named<T>(String name, @Nullable T value) {}

  private record Context(String cluster, String user) {}

  private record Place(
      String server, String ca, String caFile, String serverName, boolean insecure, String proxy) {}

  private record User(
      String token,
      String tokenFile,
      String cert,
      String certFile,
      String key,
      String keyFile,
      String username,
      String password) {

    static final User NOBODY = new User("", "", "", "", "", "", "", "");
  }

  private Kubeconfig() {}

  /**
   * Reads the cluster of the current context.
   *
   * @throws IOException if the file cannot be read, names something that is not there, or asks for
   *     what this program cannot do
   */
  static Cluster read(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new IOException("cannot read the kubeconfig file " + file, e);
    }
    try {
      Path folder = file.toAbsolutePath().getParent();
      return Yaml.decode(text, folder == null ? Path.of("") : folder, Kubeconfig::decode);
    } catch (YamlException | IllegalArgumentException e) {
      throw new IOException("kubeconfig file " + file + ": " + e.getMessage(), e);
    }
  }

  private static Cluster decode(YamlValue value) {
    YamlMap map = value.map("kubeconfig");
    String current = map.text("current-context", "");
    Context context = find(map, "contexts", "context", Kubeconfig::context, current);
    Place place = find(map, "clusters", "cluster", Kubeconfig::place, context.cluster);
    User user =
        context.user.isEmpty()
            ? User.NOBODY
            : find(map, "users", "user", Kubeconfig::user, context.user);
    if (place.server.isEmpty()) {
      throw value.error("no server found for cluster " + GoQuote.quote(context.cluster));
    }
    return new Cluster(place.server, http(place, user));
  }

  private static <T> T find(
      YamlMap map, String list, String key, YamlDecoder<T> decoder, String name) {
    List<Named<T>> all =
        map.list(
            list,
            "[]" + key,
            item -> {
              YamlMap named = item.map(key);
              String own = named.text("name", "");
              // The others may ask for what is refused: they are not used.
              T found = own.equals(name) ? named.optional(key, decoder) : null;
              return new Named<>(own, found);
            });
    for (Named<T> named : all) {
      if (named.name.equals(name) && named.value != null) {
        return named.value;
      }
    }
    throw map.self().error(key + " " + GoQuote.quote(name) + " does not exist");
  }

  private static Context context(YamlValue value) {
    YamlMap map = value.map("context");
    return new Context(map.text("cluster", ""), map.text("user", ""));
  }

  private static Place place(YamlValue value) {
    YamlMap map = value.map("cluster");
    String ca = data(map, "certificate-authority-data");
    return new Place(
        map.text("server", ""),
        ca,
        ca.isEmpty() ? map.file("certificate-authority") : "",
        map.text("tls-server-name", ""),
        map.bool("insecure-skip-tls-verify", false),
        map.text("proxy-url", ""));
  }

  private static User user(YamlValue value) {
    YamlMap map = value.map("user");
    for (String key : REFUSED) {
      if (map.has(key)) {
        throw map.error(key, "users: " + key + " is not supported by Narthex");
      }
    }
    // What is given wins over what lies in a file; but a token's file wins over a token.
    String cert = data(map, "client-certificate-data");
    String key = data(map, "client-key-data");
    String tokenFile = map.file("tokenFile");
    return new User(
        tokenFile.isEmpty() ? map.text("token", "") : "",
        tokenFile,
        cert,
        cert.isEmpty() ? map.file("client-certificate") : "",
        key,
        key.isEmpty() ? map.file("client-key") : "",
        map.text("username", ""),
        map.text("password", ""));
  }

  private static String data(YamlMap map, String key) {
    String text = map.text(key, "");
    try {
      return new String(Base64.getMimeDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw map.error(key, key + " is no base64: " + e.getMessage());
    }
  }

  private static HttpClientConfig http(Place place, User user) {
    boolean hasToken = !user.token.isEmpty() || !user.tokenFile.isEmpty();
    Authorization authorization =
        hasToken ? new Authorization("Bearer", user.token, user.tokenFile) : null;
    BasicAuth basicAuth =
        !hasToken && !user.username.isEmpty()
            ? new BasicAuth(user.username, "", user.password, "")
            : null;
    TlsConfig tls =
        new TlsConfig(
            place.ca,
            place.caFile,
            user.cert,
            user.certFile,
            user.key,
            user.keyFile,
            place.serverName,
            place.insecure,
            "",
            "");
    ProxyConfig proxy =
        place.proxy.isEmpty()
            ? ProxyConfig.NONE
            : new ProxyConfig(place.proxy, "", false, Map.of());
    return new HttpClientConfig(basicAuth, authorization, tls, true, true, proxy, Map.of());
  }
}
