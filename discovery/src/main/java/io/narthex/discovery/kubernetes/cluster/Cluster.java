package io.narthex.discovery.kubernetes.cluster;

import io.narthex.discovery.meta.Meta;
import io.narthex.net.client.Authorization;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where an API server is, and how to speak to it.
 *
 * @param url its address, perhaps with a path, without a slash at the end
 * @param http certificates, passwords, proxies
 */
public record Cluster(String url, HttpClientConfig http) {

  /** Where a pod finds what it needs to speak to its own cluster. */
  public static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  public Cluster {
    while (url.endsWith("/")) {
      url = url.substring(0, url.length() - 1);
    }
  }

  /**
   * The cluster that this process runs in. Its token is renewed by the cluster; the file is read
   * again when it changes.
   *
   * @param environment the variables of this process
   * @param account the folder of the service account, as {@link #SERVICE_ACCOUNT}
   * @throws IOException if this process does not run in one
   */
  public static Cluster around(Map<String, String> environment, Path account) throws IOException {
    String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
    String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "");
    if (host.isEmpty() || port.isEmpty()) {
      throw new IOException(
          "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and"
              + " KUBERNETES_SERVICE_PORT must be defined");
    }
    Path token = account.resolve("token");
    if (!Files.isReadable(token)) {
      throw new IOException("unable to load in-cluster configuration: cannot read " + token);
    }
    Path authorities = account.resolve("ca.crt");
    if (!Files.isReadable(authorities)) {
      throw new IOException("unable to load in-cluster configuration: cannot read " + authorities);
    }
    TlsConfig tls = new TlsConfig("", authorities.toString(), "", "", "", "", "", false, "", "");
    HttpClientConfig http =
        new HttpClientConfig(
            null,
            new Authorization("Bearer", "", token.toString()),
            tls,
            true,
            true,
            ProxyConfig.NONE,
            Map.of());
    return new Cluster("https://" + Meta.address(host, port), http);
  }

  /**
   * The cluster of the current context of a kubeconfig file.
   *
   * @throws IOException if the file cannot be read, names something that is not there, or asks for
   *     what this program cannot do
   */
  public static Cluster ofKubeconfig(Path file) throws IOException {
    return Kubeconfig.read(file);
  }

  /**
   * The namespace of this process.
   *
   * @throws IOException if it does not run in a cluster
   */
  public static String ownNamespace(Path account) throws IOException {
    Path file = account.resolve("namespace");
    String namespace;
    try {
      namespace = Files.readString(file).strip();
    } catch (IOException e) {
      throw new IOException("could not determine the pod's namespace: cannot read " + file, e);
    }
    if (namespace.isEmpty()) {
      throw new IOException("could not read own namespace name (empty file)");
    }
    return namespace;
  }
}
