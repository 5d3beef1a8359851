package io.narthex.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.BackEndAcceptance;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.net.dns.DnsResolver;
import io.narthex.testkit.StubDns;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Records as RFC 1035, RFC 2782 and RFC 3596 have them. Prometheus asks port 53 of the servers in
 * {@code /etc/resolv.conf} and nothing else: it sees another file there, in a mount namespace of
 * its own, that names a loopback address where the stub has that port.
 */
final class DnsDiscoveryTest extends BackEndAcceptance {

  private static final String NAME = "targets.example";

  @TempDir private Path folder;
  private Path resolvConf;
  private String more = "";
  private StubDns dns;

  /** The section, asking the stub. */
  private record AtStub(DnsConfig config, Path resolvConf, int port) implements DiscoveryConfig {

    @Override
    public String mechanism() {
      return config.mechanism();
    }

    @Override
    public Discovery open(DiscoveryContext context) {
      return config.open(context, new DnsResolver(resolvConf, port));
    }

    @Override
    public void write(YamlWriter.Map out) {
      config.write(out);
    }
  }

  @BeforeEach
  void startServer() throws IOException {
    dns = new StubDns();
    resolvConf = folder.resolve("resolv.conf");
    resolvConf("");
  }

  @AfterEach
  void stopServer() {
    dns.close();
  }

  /** Writes the file: the stub, and these lines. */
  private void resolvConf(String lines) throws IOException {
    more = lines;
    Files.writeString(resolvConf, "nameserver " + dns.address() + "\n" + lines);
  }

  private static String section(String type, int port, String... names) {
    return "dns_sd_configs: [{names: "
        + Arrays.toString(names)
        + ", type: "
        + type
        + ", port: "
        + port
        + "}]";
  }

  @Override
  protected String section() {
    return section("A", 9100, NAME);
  }

  @Override
  protected DiscoveryConfig open(String section) {
    String item = section.substring(section.indexOf('[') + 1, section.lastIndexOf(']'));
    return new AtStub(Yaml.decode(item, DnsConfig::decode), resolvConf, dns.port());
  }

  @Override
  protected void serve(int targets) {
    dns.set(
        NAME + ".",
        "A",
        IntStream.rangeClosed(1, targets).mapToObj(i -> "10.0.0." + i).toArray(String[]::new));
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
  }

  @Override
  protected void away() {
    dns.away();
  }

  @Override
  protected void back() throws IOException {
    dns.back();
  }

  @Override
  protected String failureMetric() {
    return "prometheus_sd_dns_lookup_failures";
  }

  /** Moves the stub to port 53 of a loopback address, and lets Prometheus see its own file. */
  @Override
  protected List<String> peerLauncher() throws Exception {
    atPort53();
    List<String> launcher =
        List.of(
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
            resolvConf.toString());
    List<String> look = new ArrayList<>(launcher);
    look.addAll(List.of("cat", "/etc/resolv.conf"));
    Process trial = new ProcessBuilder(look).redirectErrorStream(true).start();
    String seen = new String(trial.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Assumptions.assumeTrue(
        trial.waitFor() == 0 && seen.equals(Files.readString(resolvConf)),
        () -> "not comparable: no mount namespace to be had here: " + seen);
    return launcher;
  }

  private void atPort53() throws IOException {
    try {
      dns.move(InetAddress.getByName("127.53.53.53"), 53);
    } catch (BindException e) {
      Assumptions.abort("not comparable: no port 53 to be had here: " + e.getMessage());
    }
    resolvConf(more);
  }

  private Set<Map<String, String>> find(String section, Set<String> addresses) throws Exception {
    Map<String, TargetGroup> groups = start(open(section).open(context));
    await(groups, addresses);
    return targets(groups);
  }

  private static Map<String, String> target(String address, String name, String... more) {
    Map<String, String> labels = new HashMap<>();
    labels.put("__address__", address);
    labels.put("__meta_dns_name", name);
    for (int i = 0; i < more.length; i += 2) {
      labels.put("__meta_dns_" + more[i], more[i + 1]);
    }
    return labels;
  }

  @Test
  void services() throws Exception {
    dns.set("_h._tcp.example.", "SRV", "10 20 9091 a.example.", "10 20 9092 B.example.");
    assertThat(
            find(section("SRV", 0, "_h._tcp.example"), Set.of("a.example:9091", "B.example:9092")))
        .containsExactlyInAnyOrder(
            target(
                "a.example:9091",
                "_h._tcp.example",
                "srv_record_target",
                "a.example.",
                "srv_record_port",
                "9091"),
            target(
                "B.example:9092",
                "_h._tcp.example",
                "srv_record_target",
                "B.example.",
                "srv_record_port",
                "9092"));
  }

  @Test
  void mailServers() throws Exception {
    dns.set("example.", "MX", "10 mail.example.");
    assertThat(find(section("mx", 25, "example"), Set.of("mail.example:25")))
        .containsExactly(target("mail.example:25", "example", "mx_record_target", "mail.example."));
  }

  @Test
  void nameServers() throws Exception {
    dns.set("example.", "NS", "ns.example.");
    assertThat(find(section("Ns", 53, "example."), Set.of("ns.example:53")))
        .containsExactly(target("ns.example:53", "example.", "ns_record_target", "ns.example."));
  }

  @Test
  void addressesOfVersion6() throws Exception {
    dns.set("a.example.", "AAAA", "2001:db8::1");
    dns.set("a.example.", "A", "10.0.0.1");
    assertThat(find(section("AAAA", 80, "a.example"), Set.of("[2001:db8::1]:80")))
        .containsExactly(target("[2001:db8::1]:80", "a.example"));
  }

  @Test
  void addressesBehindAnAlias() throws Exception {
    dns.set("a.example.", "A", "10.0.0.1");
    dns.set("a.example.", "CNAME", "b.example.");
    dns.set("a.example.", "TXT", "what nobody asked for");
    assertThat(find(section("A", 80, "a.example"), Set.of("10.0.0.1:80")))
        .containsExactly(target("10.0.0.1:80", "a.example"));
  }

  @Test
  void longAnswersComeOverTcp() throws Exception {
    dns.truncating(true);
    String[] many =
        IntStream.rangeClosed(1, 2000)
            .mapToObj(i -> "10.1." + i / 256 + "." + i % 256)
            .toArray(String[]::new);
    dns.set("many.example.", "A", many);
    Set<String> addresses =
        Arrays.stream(many).map(address -> address + ":80").collect(Collectors.toSet());
    assertThat(find(section("A", 80, "many.example"), addresses)).hasSize(2000);
    assertThat(dns.asked().subList(0, 2))
        .containsExactly("udp A many.example. edns", "tcp A many.example.");
  }

  @Test
  void theSearchListIsWalked() throws Exception {
    resolvConf("search x.example y.example\noptions ndots:2\n");
    dns.set("a.b.y.example.", "A", "10.0.0.1");
    assertThat(find(section("A", 80, "a.b"), Set.of("10.0.0.1:80")))
        .containsExactly(target("10.0.0.1:80", "a.b"));
    assertThat(dns.asked().subList(0, 2))
        .containsExactly("udp A a.b.x.example. edns", "udp A a.b.y.example. edns");
  }

  @Test
  void theNextServerIsAskedWhereOneFails() throws Exception {
    try (StubDns other = new StubDns(InetAddress.getByName("127.0.0.2"), dns.port())) {
      resolvConf("nameserver 127.0.0.2\n");
      dns.code(5);
      other.set("a.example.", "A", "10.0.0.1");
      assertThat(find(section("A", 80, "a.example"), Set.of("10.0.0.1:80"))).hasSize(1);
      assertThat(dns.asked()).isNotEmpty();
      assertThat(count(failureMetric())).isZero();
    }
  }

  @Test
  void aServerThatKnowsOfNoSuchNameIsBelieved() throws Exception {
    try (StubDns other = new StubDns(InetAddress.getByName("127.0.0.2"), dns.port())) {
      resolvConf("nameserver 127.0.0.2\n");
      other.set("a.example.", "A", "10.0.0.1");
      dns.set("b.example.", "A", "10.0.0.2");
      assertThat(find(section("A", 80, "a.example", "b.example"), Set.of("10.0.0.2:80")))
          .hasSize(1);
      assertThat(other.asked()).isEmpty();
    }
  }

  @Test
  void aNameThatFailsKeepsWhatItHad() throws Exception {
    dns.set("a.example.", "A", "10.0.0.1");
    dns.set("b.example.", "A", "10.0.0.2");
    Map<String, TargetGroup> groups =
        start(open(section("A", 80, "a.example", "b.example")).open(context));
    await(groups, Set.of("10.0.0.1:80", "10.0.0.2:80"));
    double lookups = count("prometheus_sd_dns_lookups");
    assertThat(lookups).isGreaterThanOrEqualTo(2);
    dns.code("a.example.", 2);
    dns.set("b.example.", "A", "10.0.0.3");
    awaitFailure();
    await(groups, Set.of("10.0.0.1:80", "10.0.0.3:80"));
    assertThat(count("prometheus_sd_dns_lookups")).isGreaterThan(lookups);
    assertThat(count("prometheus_sd_refresh_failures")).isZero();
  }

  @Test
  void aFailureForOneEndLeavesItOpenWhetherTheNameExists() throws Exception {
    resolvConf("search x.example\noptions ndots:0\n");
    dns.set("a.", "A", "10.0.0.1");
    Map<String, TargetGroup> groups = start(open(section("A", 80, "a")).open(context));
    await(groups, Set.of("10.0.0.1:80"));
    dns.set("a.", "A");
    dns.code("a.x.example.", 2);
    awaitFailure();
    assertThat(addresses(groups)).containsExactly("10.0.0.1:80");
    dns.code("a.x.example.", 0);
    await(groups, Set.of());
  }

  @Test
  void theFileIsReadEachTime() throws Exception {
    Files.delete(resolvConf);
    dns.set("a.example.", "A", "10.0.0.1");
    Map<String, TargetGroup> groups = start(open(section("A", 80, "a.example")).open(context));
    awaitFailure();
    resolvConf("");
    await(groups, Set.of("10.0.0.1:80"));
  }

  @Test
  void endsWhileAServerIsSilent() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      DnsResolver resolver = new DnsResolver(resolvConf, silent.getLocalPort());
      DnsConfig config = Yaml.decode("{names: [a.], type: A, port: 1}", DnsConfig::decode);
      Thread search =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  config.open(context, resolver).run(groups -> {});
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      silent.receive(new DatagramPacket(new byte[512], 512));
      search.interrupt();
      assertThat(search.join(Duration.ofSeconds(1))).isTrue();
    }
  }

  /** Everything at once, as Prometheus sees it. */
  @Test
  void findsOfEveryTypeWhatPrometheusFinds() throws Exception {
    resolvConf("search x.example y.example\n");
    dns.set("_h._tcp.example.", "SRV", "10 20 9091 a.example.", "0 0 9092 .");
    dns.set("short.y.example.", "SRV", "10 20 9093 B\\.example.");
    dns.set("example.", "MX", "10 mail.example.");
    dns.set("example.", "NS", "ns.example.");
    dns.set("six.example.", "AAAA", "2001:db8:0:0:1:0:0:1", "::ffff:10.0.0.9", "::1");
    dns.set("six.example.", "CNAME", "other.example.");
    dns.set("six.example.", "A", "10.0.0.1");
    dns.truncating(true);
    Set<Map<String, String>> ours = new HashSet<>();
    StringBuilder all = new StringBuilder();
    for (String section :
        List.of(
            section("SRV", 0, "_h._tcp.example", "short", "none.example"),
            section("MX", 25, "example"),
            section("NS", 53, "example."),
            section("AAAA", 80, "six.example"),
            section("A", 81, "six.example"))) {
      DnsConfig config = ((AtStub) open(section)).config();
      DnsTargets targets = new DnsTargets(config, context, new DnsResolver(resolvConf, dns.port()));
      Map<String, TargetGroup> groups =
          targets.refresh().stream().collect(Collectors.toMap(TargetGroup::source, group -> group));
      ours.addAll(targets(groups));
      String item = section.substring(section.indexOf('[') + 1, section.lastIndexOf(']'));
      all.append(all.isEmpty() ? "" : ", ").append(item);
    }
    assertThat(ours).hasSize(9);
    assertThat(peers("dns_sd_configs: [" + all + "]", ours.size())).isEqualTo(ours);
  }
}
