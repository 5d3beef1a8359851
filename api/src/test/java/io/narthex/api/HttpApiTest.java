package io.narthex.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.api.port.ServerView;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.Exemplar;
import io.narthex.storage.ExemplarQuerier.SeriesExemplars;
import io.narthex.testkit.Json;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpApiTest {

  private final House house = new House();

  @AfterEach
  void close() {
    house.close();
  }

  private static void assertError(
      HttpResponse<String> answer, int status, String type, String text) {
    assertThat(answer.statusCode()).isEqualTo(status);
    Json json = Json.parse(answer.body());
    assertThat(json.get("status").text()).isEqualTo("error");
    assertThat(json.get("errorType").text()).isEqualTo(type);
    assertThat(json.get("error").text()).isEqualTo(text);
  }

  @Test
  void answersInstantQueries() {
    HttpResponse<String> answer = house.api("/query", "query", "up", "time", "1");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(answer.body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
                + "{\"metric\":{\"__name__\":\"up\",\"n\":\"0\"},\"value\":[1,\"1\"]},"
                + "{\"metric\":{\"__name__\":\"up\",\"n\":\"1\"},\"value\":[1,\"-Inf\"]}]}}");
    assertThat(house.api("/query", "query", "scalar").body())
        .contains("\"data\":{\"resultType\":\"scalar\",\"result\":[1000,\"1.5e-07\"]}");
    assertThat(house.api("/query", "query", "string", "time", "1435781451.781").body())
        .contains("{\"resultType\":\"string\",\"result\":[1435781451.781,\"f\\u003coo\\u003e\"]}");
  }

  @Test
  void takesFormsAndTimesOfEitherKind() {
    String body = House.form("query", "up", "time", "1970-01-01T01:00:02.5+01:00");
    assertThat(house.send("POST", "/api/v1/query?time=7", body).body())
        .contains("\"value\":[2.500,\"2.5\"]");
    assertThat(
            house.api("/query_range", "query", "up", "start", "0", "end", "2", "step", "1s").body())
        .contains("\"resultType\":\"matrix\"")
        .contains("\"values\":[[0,\"0\"],[1,\"1\"],[2,\"2\"]]");
  }

  @Test
  void showsTheExemplarsOfAnExpressionsSeries() {
    List<String> asked = new ArrayList<>();
    house.exemplars =
        (from, to, selectors) -> {
          asked.add(from + " " + to + " " + selectors);
          Labels trace = Labels.of("trace_id", "<x>", "b", "c");
          return List.of(
              new SeriesExemplars(
                  Labels.of("__name__", "a_bucket", "le", "1"),
                  List.of(
                      new Exemplar(trace, 1.5e-7, 1_500), new Exemplar(Labels.EMPTY, 6, 2_000))));
        };
    String query =
        "sum(rate(a_bucket{le=\"1\"}[5m])) / -(b) + topk(scalar(c), d)"
            + " + max_over_time(e[1h:1m]) + 7";
    HttpResponse<String> answer =
        house.api("/query_exemplars", "query", query, "start", "1", "end", "2.5");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":[{\"seriesLabels\":{\"__name__\":\"a_bucket\",\"le\":\"1\"},"
                + "\"exemplars\":[{\"labels\":{\"b\":\"c\",\"trace_id\":\"<x>\"},"
                + "\"value\":\"1.5e-07\",\"timestamp\":1.500},"
                + "{\"labels\":{},\"value\":\"6\",\"timestamp\":2}]}]}");
    assertThat(asked.getFirst()).startsWith("1000 2500 ");
    for (String name : List.of("a_bucket", "b", "c", "d", "e")) {
      assertThat(asked.getFirst()).contains("__name__=\"" + name + "\"");
    }
    assertThat(asked.getFirst()).contains("le=\"1\"");
    house.exemplars = (from, to, selectors) -> List.of();
    assertThat(house.send("POST", "/api/v1/query_exemplars", House.form("query", "up")).body())
        .isEqualTo("{\"status\":\"success\",\"data\":[]}");
    // An expression without series has nothing that could have exemplars.
    assertThat(house.api("/query_exemplars", "query", "1 + 1").statusCode()).isEqualTo(204);
  }

  @Test
  void refusesWrongQueriesForExemplars() {
    assertError(
        house.api("/query_exemplars", "query", "up", "start", "2", "end", "1"),
        400,
        "bad_data",
        "end timestamp must not be before start timestamp");
    assertError(
        house.api("/query_exemplars", "query", "up", "start", "x"),
        400,
        "bad_data",
        "invalid parameter \"start\": invalid time value for 'start': cannot parse \"x\" to a valid"
            + " timestamp");
    assertError(
        house.api("/query_exemplars", "query", "up{"),
        400,
        "bad_data",
        "1:4: parse error: unexpected end of input inside braces");
  }

  @Test
  void showsHistogramsBesideFloats() {
    String histogram =
        "{\"count\":\"10\",\"sum\":\"12.5\",\"buckets\":[[1,\"-2\",\"-1\",\"3\"],"
            + "[3,\"-0.001\",\"0.001\",\"1\"],[0,\"0.5\",\"1\",\"4\"],[0,\"2\",\"4\",\"2\"]]}";
    assertThat(house.api("/query", "query", "histogram", "time", "2").body())
        .contains(
            "{\"metric\":{\"__name__\":\"histogram\",\"n\":\"0\"},\"histogram\":[2,"
                + histogram
                + "]}");
    assertThat(
            house
                .api("/query_range", "query", "histogram", "start", "0", "end", "2", "step", "1s")
                .body())
        .contains("\"values\":[[0,\"0\"],[1,\"1\"]],\"histograms\":[[2," + histogram + "]]}");
    assertThat(
            house
                .api("/query_range", "query", "histogram", "start", "2", "end", "2", "step", "1s")
                .body())
        .contains("\"n\":\"0\"},\"histograms\":[[2,")
        .doesNotContain("values");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "query=up&time=x | invalid parameter \"time\": invalid time value for 'time': cannot parse"
            + " \"x\" to a valid timestamp",
        "query=up&timeout=x | invalid parameter \"timeout\": cannot parse \"x\" to a valid duration",
        "query=up&timeout=1e300 | invalid parameter \"timeout\": cannot parse \"1e300\" to a valid"
            + " duration. It overflows int64",
        "query=up&limit=-1 | invalid parameter \"limit\": limit must be non-negative",
        "query=up&limit=x | invalid parameter \"limit\": strconv.Atoi: parsing \"x\": invalid syntax",
        "query=up&lookback_delta=x | error parsing lookback delta duration: cannot parse \"x\" to a"
            + " valid duration",
        "query= | invalid parameter \"query\": unknown position: parse error: no expression found in"
            + " input",
      })
  void refusesWrongInstantQueries(String query, String message) {
    assertError(house.get("/api/v1/query?" + query), 400, "bad_data", message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "start=&end=1&step=1 | invalid parameter \"start\": cannot parse \"\" to a valid timestamp",
        "start=2&end=1&step=1 | invalid parameter \"end\": end timestamp must not be before start"
            + " time",
        "start=0&end=1&step=0 | invalid parameter \"step\": zero or negative query resolution step"
            + " widths are not accepted. Try a positive integer",
        "start=0&end=1&step=x | invalid parameter \"step\": cannot parse \"x\" to a valid duration",
        "start=0&end=11001&step=1 | exceeded maximum resolution of 11,000 points per timeseries."
            + " Try decreasing the query resolution (?step=XX)",
      })
  void refusesWrongRangeQueries(String query, String message) {
    assertError(house.get("/api/v1/query_range?query=up&" + query), 400, "bad_data", message);
  }

  @Test
  void takesAsManyPointsAsUpstream() {
    assertThat(
            house
                .api("/query_range", "query", "up", "start", "0", "end", "11000", "step", "1")
                .statusCode())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "EXECUTION, 422, execution",
    "TIMEOUT, 503, timeout",
    "CANCELED, 499, canceled",
    "STORAGE, 500, internal"
  })
  void saysWhyAQueryFailed(String query, int status, String type) {
    HttpResponse<String> answer = house.api("/query", "query", query);
    assertError(answer, status, type, "the reason");
    assertThat(answer.body()).contains("\"warnings\":[\"seen before\"]");
  }

  @Test
  void answersEvenWhenTheEngineBreaks() {
    assertError(
        house.api("/query", "query", "broken"),
        500,
        "internal",
        "unexpected error: java.lang.IllegalStateException: expected by the test");
  }

  @Test
  void carriesRemarksLimitsAndStatistics() {
    Json warned = Json.parse(house.api("/query", "query", "warn", "stats", "yes").body());
    assertThat(warned.get("warnings").items()).hasSize(11);
    assertThat(warned.get("warnings").get(10).text())
        .isEqualTo("3 more warning annotations omitted");
    assertThat(warned.get("infos").get(0).text()).isEqualTo("PromQL info: i (1:1)");
    Json cut = Json.parse(house.api("/query", "query", "up", "limit", "1", "stats", "all").body());
    assertThat(cut.get("data").get("result").items()).hasSize(1);
    assertThat(cut.get("warnings").get(0).text()).isEqualTo("results truncated due to limit");
    Json timings = cut.get("data").get("stats").get("timings");
    assertThat(timings.get("execQueueTime").number()).isEqualTo(1.0);
    assertThat(cut.get("data").get("stats").get("samples").get("peakSamples").number())
        .isEqualTo(6);
    assertThat(House.lastOptions(house).perStepStats()).isTrue();
  }

  @Test
  void cancelsAQueryWhoseClientHasGone() throws IOException, InterruptedException {
    try (Socket socket = new Socket("127.0.0.1", house.port())) {
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/query?query=hang HTTP/1.1\r\nHost: x\r\n\r\n"
                  .getBytes(StandardCharsets.UTF_8));
      assertThat(house.engine.running.await(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(house.engine.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void findsSeriesAndLabels() {
    house.storage.add(Labels.of("__name__", "up", "job", "b"), 1000, 1);
    house.storage.add(Labels.of("__name__", "up", "job", "a"), 1000, 1);
    house.storage.add(Labels.of("__name__", "down", "ü.x", "1"), 500_000, 1);
    assertThat(house.api("/series", "match[]", "up", "match[]", "{job=\"a\"}").body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":[{\"__name__\":\"up\",\"job\":\"a\"},"
                + "{\"__name__\":\"up\",\"job\":\"b\"}]}");
    assertThat(house.api("/series", "match[]", "up", "limit", "1").body())
        .containsPattern("\"job\":\"[ab]\"}],\"warnings\":\\[\"results truncated due to limit\"]");
    assertThat(house.api("/series", "match[]", "none").body()).contains("\"data\":[]");
    assertThat(house.api("/labels").body()).contains("\"data\":[\"__name__\",\"job\",\"ü.x\"]");
    assertThat(house.api("/labels", "match[]", "up", "match[]", "down").body())
        .contains("\"data\":[\"__name__\",\"job\",\"ü.x\"]");
    assertThat(house.api("/labels", "end", "2").body()).contains("\"data\":[\"__name__\",\"job\"]");
    assertThat(house.api("/label/job/values", "limit", "1").body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":[\"a\"],"
                + "\"warnings\":[\"results truncated due to limit\"]}");
    assertThat(house.api("/label/U___fc__2e_x/values").body()).contains("\"data\":[\"1\"]");
  }

  @Test
  void refusesWrongSelectors() {
    assertError(house.api("/series"), 400, "bad_data", "no match[] parameter provided");
    assertError(
        house.api("/series", "match[]", "{x=\"\"}"),
        400,
        "bad_data",
        "invalid parameter \"match[]\": match[] must contain at least one non-empty matcher");
    assertThat(house.api("/labels", "match[]", "up{").body())
        .contains("invalid parameter \\\"match[]\\\": 1:4: parse error:");
    assertError(
        house.get("/api/v1/series?match[]=up;x"),
        400,
        "bad_data",
        "error parsing form values: invalid semicolon separator in query");
  }

  @Test
  void formatsAndTakesApartExpressions() {
    assertThat(house.api("/format_query", "query", "foo/bar").body())
        .isEqualTo("{\"status\":\"success\",\"data\":\"foo / bar\"}");
    assertThat(house.api("/parse_query", "query", "-rate(up{a!=\"b\"}[5m] offset 1m)").body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":{\"expr\":{\"args\":[{\"anchored\":false,\"matchers\":["
                + "{\"name\":\"a\",\"type\":\"!=\",\"value\":\"b\"},"
                + "{\"name\":\"__name__\",\"type\":\"=\",\"value\":\"up\"}],\"name\":\"up\","
                + "\"offset\":60000,\"offsetExpr\":null,\"range\":300000,\"rangeExpr\":null,"
                + "\"smoothed\":false,\"startOrEnd\":null,\"timestamp\":null,"
                + "\"type\":\"matrixSelector\"}],"
                + "\"func\":{\"argTypes\":[\"matrix\"],\"name\":\"rate\",\"returnType\":\"vector\","
                + "\"variadic\":0},\"type\":\"call\"},\"op\":\"-\",\"type\":\"unaryExpr\"}}");
    assertThat(house.api("/parse_query", "query", "a + on(b) group_left(c) sum by (d) (e)").body())
        .contains(
            "\"matching\":{\"card\":\"many-to-one\",\"fillValues\":{\"lhs\":null,\"rhs\":null},"
                + "\"include\":[\"c\"],\"labels\":[\"b\"],\"on\":true}")
        .contains("\"grouping\":[\"d\"],\"op\":\"sum\",\"param\":null,\"type\":\"aggregation\"");
    assertError(
        house.api("/parse_query", "query", "up +"),
        400,
        "bad_data",
        "invalid parameter \"query\": 1:5: parse error: unexpected end of input");
  }

  @Test
  void showsTargets() {
    assertThat(house.api("/targets", "scrapePool", "j").body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":{\"activeTargets\":[{"
                + "\"discoveredLabels\":{\"__address__\":\"a:1\"},"
                + "\"labels\":{\"instance\":\"a:1\",\"job\":\"j\"},\"scrapePool\":\"j\","
                + "\"scrapeUrl\":\"http://a:1/metrics\",\"globalUrl\":\"http://a:1/metrics\","
                + "\"lastError\":\"\",\"lastScrape\":\"2026-01-02T13:36:40.2Z\","
                + "\"lastScrapeDuration\":0.006576866,\"health\":\"up\","
                + "\"scrapeInterval\":\"15s\",\"scrapeTimeout\":\"10s\"}],"
                + "\"droppedTargets\":[],\"droppedTargetCounts\":{\"j\":0,\"k\":1}}}");
    Json active = Json.parse(house.api("/targets", "state", "active").body()).get("data");
    assertThat(active.get("activeTargets").items()).hasSize(2);
    assertThat(active.get("activeTargets").get(1).get("lastScrape").text())
        .isEqualTo("0001-01-01T00:00:00Z");
    assertThat(house.api("/targets", "state", "DROPPED").body())
        .contains("\"activeTargets\":[],\"droppedTargets\":[{\"discoveredLabels\"");
    assertThat(house.api("/scrape_pools").body())
        .contains("\"data\":{\"scrapePools\":[\"j\",\"k\"]}");
  }

  @Test
  void saysOnRequestWhyTargetsAndSamplesWereDropped() {
    String rule =
        "\"dropRule\":{\"index\":1,\"config\":{\"source_labels\":[\"a\"],\"separator\":\";\","
            + "\"regex\":\"\\u003cx\\u003e\",\"replacement\":\"$1\",\"action\":\"drop\"}}";
    String body = house.api("/targets", "details", "true").body();
    assertThat(body)
        .contains(
            "\"scrapeTimeout\":\"10s\",\"samples\":{\"scraped\":9,\"kept\":5,\"added\":1},"
                + "\"droppedSamples\":[{\"dropReason\":\"metric_relabel_configs\","
                + rule
                + ",\"samples\":4},{\"dropReason\":\"duplicate_timestamp\",\"samples\":2}]}")
        .contains(
            "\"droppedTargets\":[{\"discoveredLabels\":{\"__address__\":\"a:1\"},"
                + "\"scrapePool\":\"k\",\"dropReason\":\"relabel_configs\","
                + rule
                + "}]")
        .endsWith(
            "\"droppedTargetCounts\":{\"j\":0,\"k\":1},\"faultyTargets\":[{"
                + "\"discoveredLabels\":{\"__address__\":\"a:1\"},\"scrapePool\":\"k\","
                + "\"error\":\"no address\"}]}}");
    assertThat(house.api("/targets", "details", "true", "scrapePool", "j").body())
        .contains("\"faultyTargets\":[]");
    assertThat(house.api("/targets").body()).doesNotContain("drop\"", "faulty", "samples");
    assertError(
        house.api("/targets", "details", "x"),
        400,
        "bad_data",
        "invalid parameter \"details\": unable to parse boolean: strconv.ParseBool: parsing \"x\":"
            + " invalid syntax");
  }

  @Test
  void showsWhatEachRuleMakesOfLabels() {
    assertThat(
            house
                .api(
                    "/targets/relabel_steps",
                    "scrapePool",
                    "j",
                    "labels",
                    "{\"a\":\"1\",\"b\":\"2\"}")
                .body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":{\"steps\":["
                + "{\"rule\":{\"source_labels\":[\"a\",\"b\"],\"separator\":\";\","
                + "\"regex\":\"(.*)\",\"target_label\":\"c\",\"replacement\":\"$1\","
                + "\"action\":\"replace\"},"
                + "\"output\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"1;2\"},\"keep\":true},"
                + "{\"rule\":{\"source_labels\":[\"a\"],\"separator\":\";\","
                + "\"regex\":\"\\u003cx\\u003e\",\"replacement\":\"$1\",\"action\":\"drop\"},"
                + "\"output\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"1;2\"},\"keep\":true},"
                + "{\"rule\":{\"source_labels\":[\"c\"],\"separator\":\";\","
                + "\"regex\":\"(.*)\",\"modulus\":8,\"target_label\":\"d\","
                + "\"replacement\":\"$1\",\"action\":\"hashmod\"},"
                + "\"output\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"1;2\",\"d\":\"4\"},"
                + "\"keep\":true}]}}");
    assertThat(
            house
                .api("/targets/relabel_steps", "scrapePool", "j", "labels", "{\"a\":\"<x>\"}")
                .body())
        .contains("\"action\":\"drop\"},\"output\":{},\"keep\":false},{")
        .endsWith("\"action\":\"hashmod\"},\"output\":{},\"keep\":false}]}}");
    assertError(
        house.api("/targets/relabel_steps"), 400, "bad_data", "no scrapePool parameter provided");
    assertError(
        house.api("/targets/relabel_steps", "scrapePool", "j"),
        400,
        "bad_data",
        "no labels parameter provided");
    assertError(
        house.api("/targets/relabel_steps", "scrapePool", "x", "labels", "{}"),
        400,
        "bad_data",
        "error retrieving scrape config: scrape pool \"x\" not found");
    assertThat(house.api("/targets/relabel_steps", "scrapePool", "j", "labels", "{").body())
        .contains("\"error\":\"error parsing labels: ");
    assertThat(house.api("/targets/relabel_steps", "scrapePool", "j", "labels", "{\"a\":1}").body())
        .contains("\"error\":\"error parsing labels: ");
  }

  @Test
  void showsTheConfigurationOfAPool() {
    assertThat(house.api("/scrape_pools/config", "scrapePool", "j").body())
        .isEqualTo("{\"status\":\"success\",\"data\":{\"yaml\":\"job_name: j\\n\"}}");
    assertError(
        house.api("/scrape_pools/config"), 400, "bad_data", "no scrapePool parameter provided");
    assertError(
        house.api("/scrape_pools/config", "scrapePool", "x"),
        400,
        "bad_data",
        "error retrieving scrape config: scrape pool \"x\" not found");
  }

  @Test
  void describesMetrics() {
    assertThat(house.api("/metadata").body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":{"
                + "\"requests_total\":[{\"type\":\"counter\",\"help\":\"Requests.\",\"unit\":\"\"}],"
                + "\"up\":[{\"type\":\"gauge\",\"help\":\"Is it up?\",\"unit\":\"\"}]}}");
    assertThat(house.api("/metadata", "limit", "1").body()).doesNotContain("\"up\"");
    assertThat(house.api("/metadata", "metric", "up").body()).doesNotContain("requests");
    assertError(house.api("/metadata", "limit", "x"), 400, "bad_data", "limit must be a number");
    assertThat(house.api("/targets/metadata", "match_target", "{instance=\"a:1\"}").body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":[{\"target\":{\"instance\":\"a:1\",\"job\":\"j\"},"
                + "\"metric\":\"up\",\"type\":\"gauge\",\"help\":\"Is it up?\",\"unit\":\"\"},"
                + "{\"target\":{\"instance\":\"a:1\",\"job\":\"j\"},\"metric\":\"requests_total\","
                + "\"type\":\"counter\",\"help\":\"Requests.\",\"unit\":\"\"}]}");
    assertThat(house.api("/targets/metadata", "metric", "up").body()).doesNotContain("\"metric\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/status/config | {\"yaml\":\"global:\\n  scrape_interval: 15s\\n\"}",
        "/status/flags | {\"config.file\":\"a.yml\",\"web.read-timeout\":\"5m\"}",
        "/status/runtimeinfo | {\"startTime\":\"1970-01-01T00:00:01Z\",\"CWD\":\"/cwd\","
            + "\"hostname\":\"host\",\"serverTime\":\"1970-01-01T00:16:40Z\","
            + "\"reloadConfigSuccess\":true,\"lastConfigTime\":\"0001-01-01T00:00:00Z\","
            + "\"corruptionCount\":0,\"goroutineCount\":7,\"GOMAXPROCS\":2,\"GOMEMLIMIT\":1024,"
            + "\"GOGC\":\"\",\"GODEBUG\":\"\",\"storageRetention\":\"15d\"}",
        "/status/buildinfo | {\"version\":\"3.14.0\",\"revision\":\"abc\",\"branch\":\"main\","
            + "\"buildUser\":\"me\",\"buildDate\":\"today\",\"goVersion\":\"java25\"}",
        "/status/tsdb?limit=3 | {\"headStats\":{\"numSeries\":1,\"numLabelPairs\":2,"
            + "\"chunkCount\":3,\"minTime\":4,\"maxTime\":5},"
            + "\"seriesCountByMetricName\":[{\"name\":\"up\",\"value\":3}],"
            + "\"labelValueCountByLabelName\":[],\"memoryInBytesByLabelName\":[],"
            + "\"seriesCountByLabelValuePair\":[]}",
        "/status/tsdb/blocks | {\"blocks\":[{\"ulid\":\"01\"}]}",
        "/status/walreplay | {\"min\":1,\"max\":9,\"current\":5}",
        "/features | {\"promql\":{\"anchored\":false,\"offset\":true}}",
        "/notifications | [{\"text\":\"Configuration reload has failed.\","
            + "\"date\":\"1970-01-01T00:00:01.5Z\",\"active\":true}]",
        "/rules | {\"groups\":[]}",
        "/alerts | {\"alerts\":[]}",
        "/alertmanagers | {\"activeAlertmanagers\":[],\"droppedAlertmanagers\":[]}",
      })
  void showsItsState(String path, String data) {
    assertThat(house.api(path).body()).isEqualTo("{\"status\":\"success\",\"data\":" + data + "}");
  }

  @Test
  void refusesWrongLimitsOfTheDatabasesState() {
    assertError(
        house.api("/status/tsdb?limit=0"), 400, "bad_data", "limit must be a positive number");
    assertError(
        house.api("/status/tsdb?limit=10001"), 400, "bad_data", "limit must not exceed 10000");
    assertError(
        house.api("/rules?type=x"),
        400,
        "bad_data",
        "invalid parameter \"type\": not supported value \"x\"");
  }

  @Test
  void takesSnapshotsWhereThatIsAllowed() {
    assertThat(house.send("POST", "/api/v1/admin/tsdb/snapshot", "").body())
        .contains("\"data\":{\"name\":\"20260821T000000Z-0123456789abcdef\"}");
    assertError(
        house.send("PUT", "/api/v1/admin/tsdb/snapshot?skip_head=true", ""),
        500,
        "internal",
        "create snapshot: disk full");
    assertError(
        house.send("POST", "/api/v1/admin/tsdb/snapshot?skip_head=maybe", ""),
        400,
        "bad_data",
        "invalid parameter \"skip_head\": unable to parse boolean: strconv.ParseBool: parsing"
            + " \"maybe\": invalid syntax");
    assertThat(house.get("/api/v1/admin/tsdb/snapshot").statusCode()).isEqualTo(405);
    House.Choice closed = new House.Choice(House.Choice.web("/", false), ".*", false);
    try (House other = new House(closed)) {
      assertError(
          other.send("POST", "/api/v1/admin/tsdb/snapshot", ""),
          500,
          "unavailable",
          "admin APIs disabled");
    }
  }

  @Test
  void deletesSeriesWhereThatIsAllowed() {
    String path = "/api/v1/admin/tsdb/delete_series";
    String query = "?match[]=up%7Bjob%3D%22a%22%7D&match[]=down&start=10&end=20.5";
    assertThat(house.send("POST", path + query, "").statusCode()).isEqualTo(204);
    assertThat(house.database.asked)
        .containsExactly(
            "delete 10000 20500 "
                + List.of(Matcher.equal("job", "a"), Matcher.equal("__name__", "up")),
            "delete 10000 20500 " + List.of(Matcher.equal("__name__", "down")));
    assertThat(house.send("PUT", path + "?match[]=up", "").statusCode()).isEqualTo(204);
    assertThat(house.send("PUT", "/api/v1/admin/tsdb/clean_tombstones", "").statusCode())
        .isEqualTo(204);
    assertThat(house.database.asked.getLast()).isEqualTo("clean");
    assertError(house.send("POST", path, ""), 400, "bad_data", "no match[] parameter provided");
    assertError(house.send("POST", path + "?match[]=broken", ""), 500, "internal", "disk full");
    assertThat(house.send("POST", path + "?match[]=%7B", "").body())
        .contains("invalid parameter \\\"match[]\\\"");
    assertThat(house.get(path).statusCode()).isEqualTo(405);
    House.Choice closed = new House.Choice(House.Choice.web("/", false), ".*", false);
    try (House other = new House(closed)) {
      for (String name : List.of("delete_series?match[]=up", "clean_tombstones")) {
        assertError(
            other.send("POST", "/api/v1/admin/tsdb/" + name, ""),
            500,
            "unavailable",
            "admin APIs disabled");
      }
    }
  }

  @Test
  void shutsTheGateUntilItIsReady() {
    house.view.state = ServerView.State.STARTING;
    HttpResponse<String> early = house.api("/query", "query", "up");
    assertThat(early.statusCode()).isEqualTo(503);
    assertThat(early.body()).isEqualTo("Service Unavailable");
    assertThat(early.headers().firstValue("X-Prometheus-Stopping")).hasValue("false");
    assertThat(house.get("/-/ready").statusCode()).isEqualTo(503);
    assertThat(house.get("/-/healthy").body()).isEqualTo("Prometheus Server is Healthy.\n");
    assertThat(house.api("/status/walreplay").statusCode()).isEqualTo(200);
    assertThat(house.get("/metrics").statusCode()).isEqualTo(200);
    house.view.state = ServerView.State.STOPPING;
    assertThat(house.get("/-/ready").headers().firstValue("X-Prometheus-Stopping"))
        .hasValue("true");
    house.view.state = ServerView.State.READY;
    assertThat(house.get("/-/ready").body()).isEqualTo("Prometheus Server is Ready.\n");
  }

  @Test
  void answersPartlyWhileItStartsIfAskedTo() {
    house.database.early.add(Labels.of("__name__", "early", "a", "b"), 1_000, 7);
    house.storage.add(Labels.of("__name__", "all", "c", "d"), 1_000, 7);
    house.view.state = ServerView.State.STARTING;
    String warning =
        "\"warnings\":[\"the database is still starting: 37 % of the log is replayed,"
            + " the answer is incomplete\"";
    assertThat(house.api("/query", "query", "up", "partial", "true").body()).contains(warning);
    assertThat(House.lastOptions(house).partial()).isTrue();
    assertThat(
            house
                .send(
                    "POST",
                    "/api/v1/query_range",
                    House.form(
                        "query", "up", "start", "0", "end", "2", "step", "1", "partial", "true"))
                .body())
        .contains(warning);
    assertThat(house.api("/query", "query", "warn", "partial", "true").body())
        .contains(warning + ",\"");
    assertThat(house.api("/series", "match[]", "{__name__!=\"\"}", "partial", "true").body())
        .contains("\"data\":[{\"__name__\":\"early\",\"a\":\"b\"}]," + warning);
    assertThat(house.api("/labels", "partial", "true").body())
        .contains("\"data\":[\"__name__\",\"a\"]," + warning);
    assertThat(house.api("/label/a/values", "partial", "true").body())
        .contains("\"data\":[\"b\"]," + warning);
    for (String answer : List.of("false", "", "1")) {
      assertThat(house.api("/labels", "partial", answer).statusCode()).isEqualTo(503);
    }
    assertThat(house.api("/query_exemplars", "query", "up", "partial", "true").statusCode())
        .isEqualTo(503);
    assertThat(house.get("/-/ready?partial=true").statusCode()).isEqualTo(503);
    house.view.state = ServerView.State.STOPPING;
    assertThat(house.api("/labels", "partial", "true").statusCode()).isEqualTo(503);
    house.view.state = ServerView.State.READY;
    assertThat(house.api("/labels", "partial", "true").body())
        .contains("\"data\":[\"__name__\",\"c\"]")
        .doesNotContain("warnings");
    assertThat(house.api("/query", "query", "up", "partial", "true").body())
        .doesNotContain("warnings");
    assertThat(House.lastOptions(house).partial()).isFalse();
  }

  @Test
  void saysWhoMayReadTheAnswers() {
    HttpResponse<String> any = house.get("/api/v1/alerts", "Origin", "http://a");
    assertThat(any.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
    assertThat(any.headers().firstValue("Vary")).hasValue("Origin");
    assertThat(house.send("OPTIONS", "/api/v1/query", "").statusCode()).isEqualTo(204);
    House.Choice narrow = new House.Choice(House.Choice.web("/", true), "http://(a|b)", true);
    try (House other = new House(narrow)) {
      assertThat(
              other
                  .get("/api/v1/alerts", "Origin", "http://b")
                  .headers()
                  .firstValue("Access-Control-Allow-Origin"))
          .hasValue("http://b");
      assertThat(
              other
                  .get("/api/v1/alerts", "Origin", "http://c")
                  .headers()
                  .firstValue("Access-Control-Allow-Origin"))
          .isEmpty();
    }
  }

  @Test
  void reloadsAndEndsWhereThatIsAllowed() throws InterruptedException {
    assertThat(house.get("/-/reload").statusCode()).isEqualTo(405);
    assertThat(house.get("/-/reload").body()).isEqualTo("Only POST or PUT requests allowed");
    assertThat(house.send("POST", "/-/reload", "").statusCode()).isEqualTo(200);
    assertThat(house.view.reloaded).isTrue();
    house.view.broken = "line 3: what?";
    HttpResponse<String> failed = house.send("PUT", "/-/reload", "");
    assertThat(failed.statusCode()).isEqualTo(500);
    assertThat(failed.body()).isEqualTo("failed to reload config: line 3: what?\n");
    assertThat(house.send("POST", "/-/quit", "").body())
        .isEqualTo("Requesting termination... Goodbye!");
    // It ends when the answer has been sent.
    assertThat(house.view.ended.await(10, TimeUnit.SECONDS)).isTrue();
    House.Choice closed = new House.Choice(House.Choice.web("/", false), ".*", false);
    try (House other = new House(closed)) {
      HttpResponse<String> refused = other.send("POST", "/-/quit", "");
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).isEqualTo("Lifecycle API is not enabled.");
      assertThat(other.view.ended.getCount()).isOne();
    }
  }

  @Test
  void countsRequestsByHandlerAndCode() {
    house.api("/label/job/values");
    house.api("/query", "query", "");
    HttpResponse<String> metrics = house.get("/metrics");
    assertThat(metrics.headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(metrics.body())
        .contains("# TYPE prometheus_http_requests_total counter\n")
        .contains(
            "prometheus_http_requests_total{code=\"200\",handler=\"/api/v1/label/:name/values\"} 1.0\n")
        .contains("prometheus_http_requests_total{code=\"400\",handler=\"/api/v1/query\"} 1.0\n")
        .contains("prometheus_http_requests_total{code=\"200\",handler=\"/metrics\"} 0.0\n")
        .contains("prometheus_http_response_size_bytes_count{handler=\"/api/v1/query\"} 1\n")
        .contains(
            "prometheus_http_request_duration_seconds_bucket{handler=\"/api/v1/query\",le=\"0.1\"} 1\n");
  }

  @Test
  void servesThePagesOfTheWebApp() {
    assertThat(house.get("/").statusCode()).isEqualTo(302);
    assertThat(house.get("/graph").headers().firstValue("Location")).hasValue("/query");
    HttpResponse<String> page = house.get("/targets");
    assertThat(page.body())
        .isEqualTo("<title>Title &lt;1&gt;</title> ready=true agent=false consoles= lookback=5m\n");
    assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-cache");
    HttpResponse<String> asset = house.get("/assets/index-4f3a.js");
    assertThat(asset.body()).isEqualTo("let it = 'be';\n");
    assertThat(asset.headers().firstValue("Content-Type"))
        .hasValue("text/javascript; charset=utf-8");
    assertThat(asset.headers().firstValue("Cache-Control"))
        .hasValue("public, max-age=31536000, immutable");
    assertThat(house.get("/assets/none.js").statusCode()).isEqualTo(404);
    assertThat(house.get("/assets/..%2findex.html").statusCode()).isEqualTo(404);
    assertThat(house.get("/version").body()).startsWith("{\"version\":\"3.14.0\"");
  }

  @Test
  void livesBelowAPrefix() {
    House.Choice below = new House.Choice(House.Choice.web("/prom/", true), ".*", true);
    try (House other = new House(below)) {
      assertThat(other.get("/prom/api/v1/alerts").statusCode()).isEqualTo(200);
      assertThat(other.get("/prom/-/healthy").statusCode()).isEqualTo(200);
      assertThat(other.get("/").headers().firstValue("Location")).hasValue("/prom/query");
      assertThat(other.get("/prom/").headers().firstValue("Location")).hasValue("/prom/query");
      assertThat(other.get("/api/v1/alerts").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void nobodyWritesUnlessItIsEnabled() {
    HttpResponse<String> answer = house.send("POST", "/api/v1/write", "");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body())
        .isEqualTo(
            "remote write receiver needs to be enabled with"
                + " --web.enable-remote-write-receiver\n");
    assertThat(house.get("/api/v1/write").statusCode()).isEqualTo(405);
    house.view.state = ServerView.State.STARTING;
    assertThat(house.send("POST", "/api/v1/write", "").statusCode()).isEqualTo(503);
  }

  @Test
  void whatIsWrittenGoesToItsReceiverUntilTheServerStops() {
    try (House other =
        new House(House.Choice.USUAL, (request, response) -> response.status(204).sendEmpty())) {
      other.view.state = ServerView.State.STARTING;
      assertThat(other.send("POST", "/api/v1/write", "").statusCode()).isEqualTo(204);
      other.view.state = ServerView.State.READY;
      assertThat(other.send("POST", "/api/v1/write", "").statusCode()).isEqualTo(204);
      assertThat(other.get("/metrics").body())
          .contains("prometheus_http_requests_total{code=\"204\",handler=\"/api/v1/write\"} 2.0");
      other.view.state = ServerView.State.STOPPING;
      assertThat(other.send("POST", "/api/v1/write", "").statusCode()).isEqualTo(503);
    }
  }
}
