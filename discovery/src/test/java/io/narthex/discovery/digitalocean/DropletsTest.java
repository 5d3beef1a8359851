package io.narthex.discovery.digitalocean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.VendorAcceptance;
import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answers: DigitalOcean's API reference, "List All Droplets". */
final class DropletsTest extends VendorAcceptance {

  /** All that an answer tells which becomes a label. */
  private static final String DROPLET =
      """
      {"id": 3164444, "name": "example.com", "memory": 1024, "vcpus": 1, "status": "active",
       "features": ["backups", "ipv6"],
       "image": {"id": 63663980, "name": "20.04 (LTS) x64", "distribution": "Ubuntu",
                 "slug": "ubuntu-20-04-x64"},
       "size": {"slug": "s-1vcpu-1gb"}, "size_slug": "s-1vcpu-1gb",
       "networks": {
         "v4": [{"ip_address": "10.128.192.124", "type": "private"},
                {"ip_address": "192.241.165.154", "type": "public"}],
         "v6": [{"ip_address": "2604:a880:0:1010::18a:a001", "type": "public"}]},
       "region": {"name": "New York 3", "slug": "nyc3"},
       "tags": ["web", "env:prod"],
       "vpc_uuid": "760e09ef-dc84-11e8-981e-3cfdfeaae000"}
      """;

  DropletsTest() {
    super("api.digitalocean.com");
  }

  @Override
  protected String vendorSection(String access) {
    return "digitalocean_sd_configs: [{port: 9100, bearer_token: token, " + access + "}]";
  }

  /** Two to a page. */
  @Override
  protected void serve(int targets) {
    stub.answer(asked -> {
      if (!asked.path().startsWith("/v2/droplets")) {
        return Stub.Answer.status(404, asked.path());
      }
      int page = asked.path().matches(".*[?&]page=2(&.*)?") ? 2 : 1;
      String droplets =
          IntStream.rangeClosed(2 * page - 1, Math.min(2 * page, targets))
              .mapToObj(DropletsTest::droplet)
              .collect(Collectors.joining(","));
      String url = "https://api.digitalocean.com/v2/droplets?page=";
      String first = "\"prev\": \"" + url + "1\", \"first\": \"" + url + "1\"";
      String second = "\"next\": \"" + url + "2\", \"last\": \"" + url + "2\"";
      String links = page == 2 ? first : targets > 2 ? second : "";
      return Stub.Answer.json(
          "{\"droplets\": [" + droplets + "], \"links\": {\"pages\": {" + links + "}}}");
    });
  }

  private static String droplet(int i) {
    return DROPLET
        .replace("3164444", "" + i)
        .replace("192.241.165.154", "192.0.2." + i)
        .replace("example.com", "droplet" + i);
  }

  @Override
  protected String address(int number) {
    return "192.0.2." + number + ":9100";
  }

  private List<TargetGroup> refresh() throws Exception {
    try (Droplets droplets = new Droplets((DigitalOceanConfig) config(section()), context)) {
      return droplets.refresh();
    }
  }

  private void serveOnly(String droplets) {
    stub.answer(asked -> Stub.Answer.json("{\"droplets\": [" + droplets + "], \"links\": {}}"));
  }

  @Test
  void labels() throws Exception {
    serveOnly(DROPLET);
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "DigitalOcean",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "192.241.165.154:9100",
                        "__meta_digitalocean_droplet_id", "3164444",
                        "__meta_digitalocean_droplet_name", "example.com",
                        "__meta_digitalocean_features", ",backups,ipv6,",
                        "__meta_digitalocean_image", "ubuntu-20-04-x64",
                        "__meta_digitalocean_image_name", "20.04 (LTS) x64",
                        "__meta_digitalocean_private_ipv4", "10.128.192.124",
                        "__meta_digitalocean_public_ipv4", "192.241.165.154",
                        "__meta_digitalocean_public_ipv6", "2604:a880:0:1010::18a:a001",
                        "__meta_digitalocean_region", "nyc3",
                        "__meta_digitalocean_size", "s-1vcpu-1gb",
                        "__meta_digitalocean_status", "active",
                        "__meta_digitalocean_tags", ",web,env:prod,",
                        "__meta_digitalocean_vpc", "760e09ef-dc84-11e8-981e-3cfdfeaae000"))));
  }

  @Test
  void dropletsWithoutNetworksAreLeftOut() throws Exception {
    serveOnly("{\"id\": 1}, {\"id\": 2, \"networks\": {\"v4\": []}}");
    assertThat(refresh().getFirst().targets()).isEmpty();
  }

  @Test
  void asksPageAfterPageWithTheToken() throws Exception {
    serve(3);
    refresh();
    assertThat(stub.asked())
        .extracting(Stub.Asked::path)
        .containsExactly("/v2/droplets?page=1&per_page=200", "/v2/droplets?page=2&per_page=200");
    assertThat(stub.asked())
        .extracting(asked -> asked.header("Authorization"))
        .containsOnly("Bearer token");
    assertThat(stub.asked())
        .extracting(asked -> asked.header("Host"))
        .containsOnly("api.digitalocean.com");
  }

  @Test
  void pagesThatRepeatAreAnError() {
    stub.answer(asked ->
        Stub.Answer.json(
            "{\"droplets\": [{\"id\": 7}], \"links\": {\"pages\": {\"next\": \"x\"}}}"));
    assertThatThrownBy(this::refresh).hasMessageContaining("go round in a circle, back to 7");
    assertThat(stub.asked()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 | {"id":"Unauthorized"}   | server returned HTTP status 401 Unauthorized: {"id":"Unauthorized"}
          200 | []                      | the JSON value is an array, expected an object
          200 | {"droplets":{}}         | droplets is an object, expected an array
          200 | <html>                  | no valid JSON
          """)
  void wrongAnswers(int status, String body, String message) {
    stub.answer(asked -> Stub.Answer.status(status, body));
    assertThatThrownBy(this::refresh).hasMessageContaining(message);
  }
}
