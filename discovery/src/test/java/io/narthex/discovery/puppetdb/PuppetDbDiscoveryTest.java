package io.narthex.discovery.puppetdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The answers have the form of PuppetDB's documentation: "Root endpoint", "Resources endpoint".
 * What Prometheus makes of a parameter is compared for every kind of value.
 */
final class PuppetDbDiscoveryTest extends StubAcceptance {

  private static final String PARAMETERS =
      """
      {"text": "t", "empty": "", "yes": true, "no": false, "none": null,
       "whole": 8080, "large": 123456789, "million": 1e6, "half": 0.5, "tiny": 0.00001,
       "negative": -3, "exact": 9007199254740993,
       "list": ["a", true, 1, 2.5, null, ["x"], {"y": 1}, "z"], "hollow": [], "blank": [""],
       "map-1": {"b.c": "d", "deep": {"e": [1, 2], "f": {}}},
       "maps": [{"alias": "/cgi-bin"}]}
      """;

  @Override
  protected String section(String url) {
    return "puppetdb_sd_configs: [{url: '"
        + url
        + "', query: 'resources { type = \"Package\" and title = \"<httpd>\" }',"
        + " include_parameters: true, port: 9100}]";
  }

  @Override
  protected void serve(int targets) {
    String resources =
        IntStream.rangeClosed(1, targets)
            .mapToObj(i ->
                "{\"certname\": \"host%d\", \"exported\": true, \"tags\": [\"a\", \"b\"], \"parameters\": %s}"
                    .formatted(i, PARAMETERS))
            .collect(Collectors.joining(",", "[", "]"));
    stub.answer(asked -> Stub.Answer.json(resources));
  }

  @Override
  protected String address(int number) {
    return "host" + number + ":9100";
  }

  private List<TargetGroup> refresh(String section) throws Exception {
    try (Resources resources = new Resources((PuppetDbConfig) config(section), context)) {
      return resources.refresh();
    }
  }

  private static String plain(String url) {
    return "puppetdb_sd_configs: [{url: '" + url + "', query: q}]";
  }

  @Test
  void everyLabel() throws Exception {
    stub.answer(asked ->
        Stub.Answer.json(
            """
            [{
              "certname": "edinburgh.example.com",
              "environment": "prod",
              "exported": false,
              "file": "/etc/puppetlabs/code/init.pp",
              "line": 384,
              "parameters": {
                "access_log": true,
                "docroot": "/var/www/html",
                "options": ["Indexes", "FollowSymLinks"],
                "php_flags": {},
                "labels": {"alias": "edinburgh"}
              },
              "resource": "49af83866dc5a1518968b68e58a25319107afe11",
              "tags": ["roles::hypervisor", "apache"],
              "title": "default-ssl",
              "type": "Apache::Vhost"
            }]
            """));
    Map<String, String> basic =
        Map.of(
            "__address__", "edinburgh.example.com:80",
            "__meta_puppetdb_query", "q",
            "__meta_puppetdb_certname", "edinburgh.example.com",
            "__meta_puppetdb_environment", "prod",
            "__meta_puppetdb_exported", "false",
            "__meta_puppetdb_file", "/etc/puppetlabs/code/init.pp",
            "__meta_puppetdb_resource", "49af83866dc5a1518968b68e58a25319107afe11",
            "__meta_puppetdb_tags", ",roles::hypervisor,apache,",
            "__meta_puppetdb_title", "default-ssl",
            "__meta_puppetdb_type", "Apache::Vhost");
    assertThat(refresh(plain(stub.url())))
        .containsExactly(
            new TargetGroup(
                stub.url() + "/pdb/query/v4?query=q", Labels.EMPTY, List.of(Labels.of(basic))));
    Map<String, String> parameters = new HashMap<>(basic);
    parameters.put("__meta_puppetdb_parameter_access_log", "true");
    parameters.put("__meta_puppetdb_parameter_docroot", "/var/www/html");
    parameters.put("__meta_puppetdb_parameter_options", "Indexes,FollowSymLinks");
    parameters.put("__meta_puppetdb_parameter_labels_alias", "edinburgh");
    String section = plain(stub.url()).replace("}]", ", include_parameters: true}]");
    assertThat(refresh(section).getFirst().targets()).containsExactly(Labels.of(parameters));
  }

  @Test
  void kindsOfParameters() throws Exception {
    serve(1);
    Labels target = refresh(section(stub.url())).getFirst().targets().getFirst();
    Map<String, String> parameters = new TreeMap<>();
    String prefix = "__meta_puppetdb_parameter_";
    target.forEach((name, value) -> {
      if (name.startsWith(prefix)) {
        parameters.put(name.substring(prefix.length()), value);
      }
    });
    assertThat(parameters)
        .isEqualTo(
            Map.ofEntries(
                Map.entry("text", "t"),
                Map.entry("yes", "true"),
                Map.entry("no", "false"),
                Map.entry("whole", "8080"),
                Map.entry("large", "1.23456789e+08"),
                Map.entry("million", "1e+06"),
                Map.entry("half", "0.5"),
                Map.entry("tiny", "1e-05"),
                Map.entry("negative", "-3"),
                Map.entry("exact", "9.007199254740992e+15"),
                Map.entry("list", "a,true,1,2.5,,,,z"),
                Map.entry("map_1_b_c", "d"),
                Map.entry("map_1_deep_e", "1,2")));
  }

  @Test
  void asksAsItIsTold() throws Exception {
    serve(0);
    refresh(section(stub.url().replace("//", "//u:p@") + "/behind/"));
    Stub.Asked asked = stub.asked().getFirst();
    assertThat(asked.method()).isEqualTo("POST");
    assertThat(asked.path()).isEqualTo("/behind/pdb/query/v4");
    assertThat(asked.header("Content-Type")).isEqualTo("application/json");
    assertThat(asked.header("Accept")).isEqualTo("application/json");
    assertThat(asked.header("Authorization")).isEqualTo("Basic dTpw");
    assertThat(asked.body())
        .isEqualTo(
            "{\"query\":\"resources { type = \\\"Package\\\" and title ="
                + " \\\"\\u003chttpd\\u003e\\\" }\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          400 | application/json | none        | server returned HTTP status 400 Bad Request
          204 | application/json | ~~          | server returned HTTP status 204 No Content
          200 | text/plain       | []          | unsupported content type text/plain
          200 | application/json; charset=x | [] | unsupported content type application/json; charset=x
          200 | application/json | {}          | the JSON value is an object, expected an array
          200 | application/json | [{"tags": [1]}] | [0].tags[0] is a number, expected a text
          200 | application/json | [           | no valid JSON
          """)
  void wrongAnswers(int status, String type, String body, String message) {
    stub.answer(asked -> new Stub.Answer(status, type, body, Map.of()));
    assertThatThrownBy(() -> refresh(plain(stub.url()))).hasMessageContaining(message);
  }

  @Test
  void theContentTypeMayTellTheEncoding() throws Exception {
    stub.answer(
        asked -> new Stub.Answer(200, "Application/JSON; charset=\"UTF-8\"", "[]", Map.of()));
    assertThat(refresh(plain(stub.url())).getFirst().targets()).isEmpty();
  }
}
