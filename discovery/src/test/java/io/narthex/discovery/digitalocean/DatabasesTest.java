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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The answers: DigitalOcean's API reference, "List All Database Clusters". */
final class DatabasesTest extends VendorAcceptance {

  private static final String CLUSTER =
      """
      {"id": "9cc10173-e9ea-4176-9dbc-a4cee4c4ff30", "name": "backend", "engine": "pg",
       "version": "14",
       "connection": {"host": "backend-0.db.example.com", "port": 25060},
       "private_connection": {"host": "private-backend-0.db.example.com", "port": 25060},
       "num_nodes": 2, "region": "nyc3", "status": "online", "size": "db-s-2vcpu-4gb",
       "tags": ["production", "team_a"]}
      """;

  DatabasesTest() {
    super("api.digitalocean.com");
  }

  @Override
  protected String vendorSection(String access) {
    return "digitalocean_sd_configs: [{role: databases, port: 9273, " + access + "}]";
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Prometheus 3.5.3 has no roles in digitalocean_sd_configs";
  }

  @Override
  protected void serve(int targets) {
    serveOnly(
        IntStream.rangeClosed(1, targets)
            .mapToObj(
                i -> CLUSTER.replace("private-backend-0", "db" + i).replace("9cc10173", "" + i))
            .collect(Collectors.joining(",")));
  }

  private void serveOnly(String clusters) {
    stub.answer(asked ->
        asked.path().equals("/v2/databases?page=1&per_page=200")
            ? Stub.Answer.json("{\"databases\": [" + clusters + "]}")
            : Stub.Answer.status(404, asked.path()));
  }

  @Override
  protected String address(int number) {
    return "db" + number + ".db.example.com:9273";
  }

  private List<TargetGroup> refresh() throws Exception {
    try (Databases databases = new Databases((DigitalOceanConfig) config(section()), context)) {
      return databases.refresh();
    }
  }

  @Test
  void labels() throws Exception {
    serveOnly(CLUSTER);
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "DigitalOcean Databases",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "private-backend-0.db.example.com:9273",
                        "__meta_digitalocean_db_engine", "pg",
                        "__meta_digitalocean_db_host", "backend-0.db.example.com",
                        "__meta_digitalocean_db_id", "9cc10173-e9ea-4176-9dbc-a4cee4c4ff30",
                        "__meta_digitalocean_db_name", "backend",
                        "__meta_digitalocean_db_num_nodes", "2",
                        "__meta_digitalocean_db_private_host", "private-backend-0.db.example.com",
                        "__meta_digitalocean_db_region", "nyc3",
                        "__meta_digitalocean_db_size", "db-s-2vcpu-4gb",
                        "__meta_digitalocean_db_status", "online",
                        "__meta_digitalocean_db_tag_production", "true",
                        "__meta_digitalocean_db_tag_team_a", "true",
                        "__meta_digitalocean_db_version", "14"))));
  }

  @Test
  void theHostIsThePublicOneWhereThereIsNoPrivateOne() throws Exception {
    serveOnly("{\"id\": \"1\", \"connection\": {\"host\": \"public\"}}");
    Labels target = refresh().getFirst().targets().getFirst();
    assertThat(target.get("__address__")).isEqualTo("public:9273");
    assertThat(target.has("__meta_digitalocean_db_private_host")).isFalse();
  }

  @Test
  void aFullPageIsFollowedByTheNext() throws Exception {
    stub.answer(asked -> {
      int from = asked.path().contains("page=1&") ? 1 : 201;
      return Stub.Answer.json(
          "{\"databases\": ["
              + IntStream.range(from, Math.min(from + 200, 252))
                  .mapToObj(i -> "{\"id\": \"" + i + "\"}")
                  .collect(Collectors.joining(","))
              + "]}");
    });
    assertThat(refresh().getFirst().targets()).hasSize(251);
  }

  @Test
  void anErrorOnALaterPageIsAnError() {
    stub.answer(asked ->
        asked.path().contains("page=1&")
            ? Stub.Answer.json(
                "{\"databases\": [{\"id\": \"1\"}], \"links\": {\"pages\": {\"next\": \"2\"}}}")
            : Stub.Answer.status(429, "slow down"));
    assertThatThrownBy(this::refresh).hasMessageContaining("status 429: slow down");
  }
}
