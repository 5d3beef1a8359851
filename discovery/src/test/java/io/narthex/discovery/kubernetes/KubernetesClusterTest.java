package io.narthex.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.kubernetes.cluster.Cluster;
import io.narthex.net.client.Authorization;
import io.narthex.net.client.BasicAuth;
import io.narthex.net.client.TlsConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Where the API server is. The rules: Kubernetes documentation, "Accessing the Kubernetes API from
 * a Pod" and "kubeconfig (v1)".
 */
final class KubernetesClusterTest {

  private static final Map<String, String> POD =
      Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "443");

  @TempDir Path folder;

  private Cluster kubeconfig(String text) throws IOException {
    return Cluster.ofKubeconfig(Files.writeString(folder.resolve("kubeconfig"), text));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aPodFindsItsCluster() throws Exception {
    Files.writeString(folder.resolve("token"), "t");
    Files.writeString(folder.resolve("ca.crt"), "c");
    Files.writeString(folder.resolve("namespace"), "mine\n");
    Cluster cluster = Cluster.around(POD, folder);
    assertThat(cluster.url()).isEqualTo("https://[fd00::1]:443");
    // Both are named, not read: the cluster renews them.
    assertThat(cluster.http().authorization())
        .isEqualTo(new Authorization("Bearer", "", folder.resolve("token").toString()));
    assertThat(cluster.http().tls().caFile()).isEqualTo(folder.resolve("ca.crt").toString());
    assertThat(Cluster.ownNamespace(folder)).isEqualTo("mine");
  }

  @Test
  void aProcessOutsideIsTold() throws Exception {
    assertThatThrownBy(() -> Cluster.around(Map.of(), folder))
        .hasMessage(
            "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and"
                + " KUBERNETES_SERVICE_PORT must be defined");
    assertThatThrownBy(() -> Cluster.around(POD, folder))
        .hasMessageContaining("cannot read " + folder.resolve("token"));
    Files.writeString(folder.resolve("token"), "t");
    assertThatThrownBy(() -> Cluster.around(POD, folder))
        .hasMessageContaining("cannot read " + folder.resolve("ca.crt"));
    assertThatThrownBy(() -> Cluster.ownNamespace(folder))
        .hasMessageContaining("could not determine the pod's namespace");
    Files.writeString(folder.resolve("namespace"), " \n");
    assertThatThrownBy(() -> Cluster.ownNamespace(folder))
        .hasMessage("could not read own namespace name (empty file)");
  }

  @Test
  void whatIsGivenInAKubeconfig() throws Exception {
    Cluster cluster =
        kubeconfig(
            """
            apiVersion: v1
            kind: Config
            preferences: {}
            current-context: two
            contexts:
            - {name: one, context: {cluster: other, user: other}}
            - {name: two, context: {cluster: k, user: u, namespace: x}}
            clusters:
            - {name: other, cluster: {server: 'https://no'}}
            - name: k
              cluster:
                server: https://k8s.example:6443/path/
                certificate-authority-data: %s
                tls-server-name: name
                proxy-url: http://proxy:3128
            users:
            - {name: other, user: {exec: {command: helper}}}
            - name: u
              user: {client-certificate-data: %s, client-key-data: %s, token: t}
            """
                .formatted(base64("CA"), base64("CERT"), base64("KEY")));
    assertThat(cluster.url()).isEqualTo("https://k8s.example:6443/path");
    assertThat(cluster.http().tls())
        .isEqualTo(new TlsConfig("CA", "", "CERT", "", "KEY", "", "name", false, "", ""));
    assertThat(cluster.http().authorization()).isEqualTo(new Authorization("Bearer", "t", ""));
    assertThat(cluster.http().proxy().url()).isEqualTo("http://proxy:3128");
  }

  @Test
  void whatLiesInFilesBesideIt() throws Exception {
    Cluster cluster =
        kubeconfig(
            """
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters:
            - name: k
              cluster: {server: 'https://k', certificate-authority: pki/ca.pem,
                insecure-skip-tls-verify: true}
            users:
            - name: u
              user: {client-certificate: c.pem, client-key: /etc/k.pem, token: old,
                tokenFile: token}
            """);
    assertThat(cluster.http().tls())
        .isEqualTo(
            new TlsConfig(
                "",
                folder.resolve("pki/ca.pem").toString(),
                "",
                folder.resolve("c.pem").toString(),
                "",
                "/etc/k.pem",
                "",
                true,
                "",
                ""));
    assertThat(cluster.http().authorization())
        .isEqualTo(new Authorization("Bearer", "", folder.resolve("token").toString()));
  }

  @Test
  void nameAndPassword() throws Exception {
    Cluster cluster =
        kubeconfig(
            """
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters: [{name: k, cluster: {server: 'https://k'}}]
            users: [{name: u, user: {username: me, password: pw}}]
            """);
    assertThat(cluster.http().basicAuth()).isEqualTo(new BasicAuth("me", "", "pw", ""));
    assertThat(cluster.http().authorization()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {} | context "" does not exist
          {current-context: c, contexts: [{name: c, context: {cluster: k}}]} | cluster "k" does not exist
          {current-context: c, contexts: [{name: c, context: {cluster: k}}], clusters: [{name: k, cluster: {}}]} | no server found for cluster "k"
          {current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: [{name: k, cluster: {server: s}}]} | user "u" does not exist
          {current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: [{name: k, cluster: {server: s}}], users: [{name: u, user: {exec: {command: aws}}}]} | users: exec is not supported by Narthex
          {current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: [{name: k, cluster: {server: s}}], users: [{name: u, user: {auth-provider: {name: gcp}}}]} | users: auth-provider is not supported by Narthex
          {current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: [{name: k, cluster: {server: s}}], users: [{name: u, user: {as: root}}]} | users: as is not supported by Narthex
          {current-context: c, contexts: [{name: c, context: {cluster: k}}], clusters: [{name: k, cluster: {server: s, certificate-authority-data: '='}}]} | certificate-authority-data is no base64
          [ | kubeconfig
          """)
  void wrongFiles(String text, String message) {
    assertThatThrownBy(() -> kubeconfig(text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("kubeconfig file " + folder.resolve("kubeconfig"))
        .hasMessageContaining(message);
  }

  @Test
  void aFileThatIsNotThere() {
    assertThatThrownBy(() -> Cluster.ofKubeconfig(folder.resolve("no")))
        .hasMessage("cannot read the kubeconfig file " + folder.resolve("no"));
  }
}
