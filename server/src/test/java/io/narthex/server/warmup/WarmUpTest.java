package io.narthex.server.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.Router;
import io.narthex.testkit.FakeClock;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is asked, and when it ends. */
class WarmUpTest {

  private static final Set<String> PATHS =
      Set.of("/query", "/query_range", "/labels", "/series", "/label/{name}/values");

  private final FakeClock clock = new FakeClock(1_000_000);

  private static Router router(HttpHandler handler) {
    Router router = new Router();
    PATHS.forEach(path -> router.getAndPost("/p/api/v1" + path, handler));
    return router;
  }

  private static void await(WarmUp warmUp) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (warmUp.isAlive() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    assertThat(warmUp.isAlive()).isFalse();
  }

  @Test
  void everyKindOfQuestionIsAskedUntilTheTimeIsOver() throws Exception {
    ConcurrentMap<String, String> asked = new ConcurrentHashMap<>();
    AtomicInteger count = new AtomicInteger();
    HttpHandler handler =
        (request, response) -> {
          asked.put(
              request.path(),
              request.query().has("end")
                  ? request.query().first("end")
                  : request.query().first("time"));
          if (request.path().endsWith("/values")) {
            assertThat(request.pathParameter("name")).isIn("job", "__name__");
          }
          response.header("a", "b").sendText("answer");
          if (count.incrementAndGet() == 50) {
            clock.advance(WarmUp.LONGEST);
          }
        };

    await(WarmUp.start(router(handler), "/p/api/v1", () -> 500_000, clock));

    assertThat(asked.keySet()).hasSize(PATHS.size() + 1); // values of two labels
    assertThat(asked.values()).containsOnly("500.0");
    // The round in which the time ended is the last.
    assertThat(count.get()).isBetween(50, 100);
  }

  @Test
  void nobodyElseMayAsk() throws Exception {
    ConcurrentMap<String, Integer> answers = new ConcurrentHashMap<>();
    AtomicInteger count = new AtomicInteger();
    HttpHandler handler =
        (request, response) -> {
          if (count.incrementAndGet() == 1) {
            String path = "http://" + request.header("Host") + "/p/api/v1/query?query=up";
            answers.put("none", status(path, null));
            answers.put("another", status(path, "secret"));
          }
          response.sendText("answer");
          clock.advance(WarmUp.LONGEST);
        };

    await(WarmUp.start(router(handler), "/p/api/v1", () -> 500_000, clock));

    assertThat(answers).containsExactlyInAnyOrderEntriesOf(Map.of("none", 401, "another", 401));
    // One round of our own questions, and none of the others.
    assertThat(count).hasValue(25);
  }

  private static int status(String path, @Nullable String authorization) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(path).toURL().openConnection();
    if (authorization != null) {
      connection.setRequestProperty("Authorization", authorization);
    }
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }

  @Test
  void closingEndsIt() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    HttpHandler handler = (request, response) -> inside.countDown();
    WarmUp warmUp = WarmUp.start(router(handler), "/p/api/v1", () -> 0, clock);
    assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();

    warmUp.close();

    assertThat(warmUp.isAlive()).isFalse();
  }

  @Test
  void aServerThatRefusesIsLeftAlone() throws Exception {
    AtomicInteger count = new AtomicInteger();
    HttpHandler handler =
        (request, response) -> {
          count.incrementAndGet();
          throw new IOException("stopping");
        };

    await(WarmUp.start(router(handler), "/p/api/v1", () -> 0, clock));

    assertThat(count).hasValue(1);
  }
}
