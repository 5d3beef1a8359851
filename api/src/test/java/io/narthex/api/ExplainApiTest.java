package io.narthex.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The endpoints that tell how a query is evaluated, over an engine that knows one plan. */
class ExplainApiTest {

  private final House house = new House();

  @AfterEach
  void close() {
    house.close();
  }

  @Test
  void aPlanIsATreeWithFigures() {
    assertThat(house.api("/query_explain", "query", "up", "time", "7").body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":{\"query\":\"up\",\"evaluated\":true,\"steps\":1,"
                + "\"resultSeries\":2,\"peakBytes\":8,\"peakSamples\":6,"
                + "\"totalQueryableSamples\":4,\"samplesRead\":5,\"queueSeconds\":1,"
                + "\"prepareSeconds\":1e-9,\"evaluationSeconds\":2e-9,\"plan\":{\"id\":0,"
                + "\"kind\":\"result\",\"expr\":\"up\",\"series\":2,\"samples\":0,"
                + "\"samplesRead\":0,\"seconds\":0,\"selfSeconds\":0,\"peakBytes\":0,"
                + "\"selfPeakBytes\":0,\"notes\":[],\"children\":[{\"id\":1,"
                + "\"kind\":\"selector\",\"expr\":\"up\",\"position\":{\"start\":0,\"end\":2},"
                + "\"series\":2,\"samples\":3,\"samplesRead\":4,\"seconds\":1.5,"
                + "\"selfSeconds\":0.5,\"peakBytes\":7,\"selfPeakBytes\":6,"
                + "\"notes\":[{\"kind\":\"shared\",\"detail\":\"a \\u003c b\"}],"
                + "\"children\":[]}]}}}");
  }

  @Test
  void aPlanAloneHasNoFigures() {
    assertThat(house.api("/query_explain", "query", "up", "evaluate", "false").body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":{\"query\":\"up\",\"evaluated\":false,\"steps\":1,"
                + "\"plan\":{\"id\":0,\"kind\":\"result\",\"expr\":\"up\",\"notes\":[],"
                + "\"children\":[{\"id\":1,\"kind\":\"selector\",\"expr\":\"up\","
                + "\"position\":{\"start\":0,\"end\":2},"
                + "\"notes\":[{\"kind\":\"shared\",\"detail\":\"a \\u003c b\"}],"
                + "\"children\":[]}]}}}");
  }

  @Test
  void rangesAreExplainedToo() {
    String body =
        house
            .api("/query_range_explain", "query", "up", "start", "0", "end", "60", "step", "15")
            .body();
    assertThat(body).contains("\"steps\":5");
    assertThat(house.api("/query_range_explain", "query", "up", "start", "0", "end", "60").body())
        .contains("invalid parameter \\\"step\\\"");
  }

  @Test
  void aTreeIsDrawnForPeople() {
    assertThat(house.api("/query_explain", "query", "up", "format", "text").body())
        .startsWith("{\"status\":\"success\",\"data\":{\"text\":\"up\\n1 step, ")
        .contains(
            "└─ #1 selector  up\\n      2 series, 3 values, 4 samples read; 500.0ms of 1.50s; ")
        .contains("shared: a \\u003c b");
  }

  @Test
  void wrongParametersAndQueriesAreRefused() {
    assertThat(house.api("/query_explain", "query", "up", "format", "dot").statusCode())
        .isEqualTo(400);
    assertThat(house.api("/query_explain", "query", "up", "evaluate", "maybe").body())
        .contains("expected true or false, got \\\"maybe\\\"");
    assertThat(house.api("/query_explain", "query", "").body()).contains("no expression found");
    assertThat(house.api("/query_explain", "query", "EXECUTION").statusCode()).isEqualTo(422);
  }
}
