package io.narthex.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.api.port.RunningQueries.Entry;
import io.narthex.api.port.RunningQueries.State;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StopSignal;
import io.narthex.testkit.Json;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is running, seen and ended over HTTP. */
final class StoppingTest {

  private final House house = new House();
  private final CountDownLatch reading = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  @AfterEach
  void close() {
    house.close();
  }

  /** A storage whose every answer takes for ever, unless somebody calls it off. */
  private final class Endless implements Querier {

    private <T> T forEver() {
      reading.countDown();
      try {
        while (true) {
          StopSignal.check();
          Thread.onSpinWait();
        }
      } finally {
        stopped.countDown();
      }
    }

    @Override
    public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
      return forEver();
    }

    @Override
    public List<String> labelValues(String name, List<Matcher> matchers, int limit) {
      return forEver();
    }

    @Override
    public List<String> labelNames(List<Matcher> matchers, int limit) {
      return forEver();
    }

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @ValueSource(strings = {"/series?match%5B%5D=up", "/labels", "/label/job/values"})
  void metadataEndsWithItsClient(String path) throws IOException, InterruptedException {
    house.other = (from, to) -> new Endless();
    try (Socket socket = new Socket("127.0.0.1", house.port())) {
      socket
          .getOutputStream()
          .write(
              ("GET /api/v1" + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(stopped.getCount()).isEqualTo(1);
    }
    assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/series?match%5B%5D=up", "/labels", "/label/job/values"})
  void metadataHasTheTimeOfAQuery(String path) throws InterruptedException {
    house.other = (from, to) -> new Endless();
    Thread time =
        Thread.ofVirtual()
            .start(() -> {
              try {
                reading.await();
                house.clock.advance(Duration.ofSeconds(61));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    HttpResponse<String> answer = house.get("/api/v1" + path);
    time.join();
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("\"errorType\":\"timeout\"");
    assertThat(stopped.getCount()).isZero();
  }

  @Test
  void anAnswerThatIsCalledOffWhileItIsSentIsNotEndedAsIfItWereWhole() throws InterruptedException {
    assertThatThrownBy(() -> house.api("/query", "query", "endless"))
        .isInstanceOf(AssertionError.class)
        .hasCauseInstanceOf(IOException.class);
    assertThat(house.engine.closed.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void listsWhatIsRunning() {
    house.engine.list =
        List.of(
            new Entry(
                7,
                "up",
                State.RUNNING,
                1_500,
                1_500,
                0,
                "::1",
                999_000,
                1_500_000_000L,
                1,
                2,
                3,
                4),
            new Entry(8, "<a>", State.WAITING, 1_000, 9_000, 500, "", 1_000_000, 0, 0, 0, 0, 0));
    assertThat(house.api("/queries").body())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":[{\"id\":7,\"query\":\"up\",\"kind\":\"instant\","
                + "\"state\":\"running\",\"client\":\"::1\",\"startedAt\":999,\"ageSeconds\":1.5,"
                + "\"time\":1.500,\"samples\":1,\"peakSamples\":2,\"memoryBytes\":3,"
                + "\"peakMemoryBytes\":4},"
                + "{\"id\":8,\"query\":\"\\u003ca\\u003e\",\"kind\":\"range\",\"state\":\"waiting\","
                + "\"client\":\"\",\"startedAt\":1000,\"ageSeconds\":0,\"start\":1,\"end\":9,"
                + "\"step\":0.5,\"samples\":0,\"peakSamples\":0,\"memoryBytes\":0,"
                + "\"peakMemoryBytes\":0}]}");
  }

  @Test
  void cancelsByNumber() {
    house.engine.list = List.of(new Entry(7, "up", State.RUNNING, 0, 0, 0, "", 0, 0, 0, 0, 0, 0));
    assertThat(house.send("POST", "/api/v1/queries/7/cancel", "").body())
        .isEqualTo("{\"status\":\"success\",\"data\":{\"id\":7}}");
    assertThat(house.send("DELETE", "/api/v1/queries/7", "").statusCode()).isEqualTo(200);
    assertThat(house.engine.cancelledIds).containsExactly(7L, 7L);
    HttpResponse<String> unknown = house.send("DELETE", "/api/v1/queries/9", "");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(Json.parse(unknown.body()).get("errorType").text()).isEqualTo("not_found");
    HttpResponse<String> wrong = house.send("POST", "/api/v1/queries/up/cancel", "");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(Json.parse(wrong.body()).get("error").text())
        .isEqualTo("invalid parameter \"id\": not the number of a query");
    assertThat(house.get("/api/v1/queries/7").statusCode()).isEqualTo(405);
  }

  @Test
  void saysWhoAsks() {
    house.api("/query", "query", "up");
    assertThat(house.engine.options.origin().client()).isEqualTo("127.0.0.1");
    assertThat(house.engine.options.origin().method()).isEqualTo("GET");
    assertThat(house.engine.options.origin().path()).isEqualTo("/api/v1/query");
  }
}
