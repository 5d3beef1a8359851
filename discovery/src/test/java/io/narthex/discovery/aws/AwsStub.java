package io.narthex.discovery.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.Stub;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.aws.api.AwsClient;
import io.narthex.discovery.aws.api.AwsService;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.SigV4Config;
import io.narthex.testkit.Conformance;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the tests of Amazon's services share. */
final class AwsStub {

  /** How a section begins; the keys are no one's. */
  static final String ACCESS = "region: eu-west-1, access_key: AKIDEXAMPLE, secret_key: secret";

  private AwsStub() {}

  /** The fields of a form as it was sent. */
  static Map<String, String> form(Stub.Asked asked) {
    Map<String, String> fields = new TreeMap<>();
    for (String field : asked.body().split("&", -1)) {
      String[] pair = field.split("=", 2);
      fields.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
    }
    return fields;
  }

  /** The action that is asked for. */
  static String action(Stub.Asked asked) {
    String target = asked.header("X-Amz-Target");
    return target.isEmpty()
        ? form(asked).getOrDefault("Action", "")
        : target.substring(target.indexOf('.') + 1);
  }

  /** A client of the stub for all services, whatever their own addresses are. */
  static AwsClient client(Stub stub, AwsService own, DiscoveryContext context) throws IOException {
    return new AwsClient(
        own,
        stub.url(),
        new SigV4Config("eu-west-1", "AKIDEXAMPLE", "secret", "", "", "", "", false),
        HttpClientConfig.DEFAULT,
        3,
        context,
        Map.of("AWS_ENDPOINT_URL_EC2", stub.url()));
  }

  /** The labels of all targets that a source finds; there is one group, of the region. */
  static List<Map<String, String>> targets(Source source) throws Exception {
    try (source) {
      List<TargetGroup> groups = source.refresh();
      assertThat(groups).hasSize(1);
      assertThat(groups.getFirst().source()).isEqualTo("eu-west-1");
      return groups.getFirst().targets().stream().map(AwsStub::map).toList();
    }
  }

  private static Map<String, String> map(Labels labels) {
    Map<String, String> map = new TreeMap<>();
    labels.forEach(map::put);
    return map;
  }

  /** The names that upstream's documentation has of the labels with a prefix. */
  static Set<String> documented(String prefix) throws IOException {
    return Files.readAllLines(
            Conformance.path("service-discovery/sd_meta_labels.txt"), StandardCharsets.UTF_8)
        .stream()
        .map(String::strip)
        .filter(name -> name.startsWith(prefix))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Those of the names of labels that begin with the prefix, as the documentation writes them.
   *
   * @param tagPrefixes after which the name of a tag follows
   */
  static Set<String> names(Map<String, String> labels, String prefix, Set<String> tagPrefixes) {
    Set<String> names = new TreeSet<>();
    for (String name : labels.keySet()) {
      if (name.startsWith(prefix)) {
        String tag = tagPrefixes.stream().filter(name::startsWith).findFirst().orElse("");
        names.add(tag.isEmpty() ? name.replaceFirst("_[0-9]+$", "_<index>") : tag + "<tagkey>");
      }
    }
    return names;
  }
}
