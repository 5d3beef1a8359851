package io.narthex.tools.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.narthex.tools.Directories;
import io.narthex.tools.Directories.Said;
import io.narthex.tools.promtool.Promtool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The command line and the words to the server; what a server answers is its own tests' affair. */
class QueryExplainTest {

  private HttpServer server;
  private volatile String asked = "";
  private volatile int status = 200;
  private volatile String answer =
      "{\"status\":\"success\",\"data\":{\"text\":\"x \\u003e 1\\n└─ #1 selector \\\"x\\\"\\n\"}}";

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked =
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          try (var out = exchange.getResponseBody()) {
            out.write(bytes);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Said run(String... flags) {
    String[] line = new String[flags.length + 4];
    line[0] = "query";
    line[1] = "explain";
    System.arraycopy(flags, 0, line, 2, flags.length);
    line[flags.length + 2] = "127.0.0.1:" + server.getAddress().getPort() + "/prefix/";
    line[flags.length + 3] = "x > 1";
    return Directories.run(Promtool::run, line);
  }

  @Test
  void theTreeIsPrinted() {
    Said said = run();

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    assertThat(said.out()).isEqualTo("x > 1\n└─ #1 selector \"x\"\n");
    assertThat(asked)
        .isEqualTo("POST /prefix/api/v1/query_explain query=x+%3E+1&format=text&evaluate=true");
  }

  @Test
  void momentsAndRangesGoToTheServer() {
    run("--time=2026-01-02T03:04:05Z", "--plan-only");
    assertThat(asked)
        .isEqualTo(
            "POST /prefix/api/v1/query_explain"
                + " query=x+%3E+1&format=text&evaluate=false&time=2026-01-02T03%3A04%3A05Z");
    run("--start=1", "--end=2.5", "--step=15s");
    assertThat(asked)
        .isEqualTo(
            "POST /prefix/api/v1/query_range_explain"
                + " query=x+%3E+1&format=text&evaluate=true&start=1&end=2.5&step=15s");
  }

  @Test
  void halfARangeIsRefused() {
    assertThat(run("--start=1").err()).isEqualTo("a range needs --start, --end and --step\n");
    assertThat(run("--start=1", "--end=2", "--step=1", "--time=1").code()).isEqualTo(1);
    assertThat(asked).isEmpty();
  }

  @Test
  void errorsAreTheServers() {
    status = 400;
    answer = "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"no \\\"x\\\"\"}";
    Said said = run();
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err()).isEqualTo("bad_data: no \"x\"\n");

    status = 404;
    answer = "404 page not found\n";
    assertThat(run().err())
        .isEqualTo("the server answered 404 (it cannot explain queries): 404 page not found\n");
  }

  @Test
  void aServerThatIsNotThereIsAnError() {
    server.stop(0);
    Said said = run();
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err()).isNotBlank();
    assertThat(Directories.run(Promtool::run, "query", "explain", "ftp://x", "y").err())
        .isEqualTo("error parsing server URL \"ftp://x\": expected http://host:port\n");
  }
}
