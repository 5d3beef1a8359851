package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a newcomer sees: the page in a real browser, over the role {@code up}. */
final class PageTest {

  private static final String CPU = "sum by (mode) (rate(node_cpu_seconds_total[1m]))";

  @TempDir private Path folder;

  @Test
  void graphsOfThisMachineAreDrawnAndTheTableIsTheAnswer() throws Exception {
    int port = Program.freePort();
    Api api = new Api(port);
    try (Program server = Program.narthex(folder, "up", "--web.listen-address=127.0.0.1:" + port);
        Browser browser = Browser.open(folder, 1300, 900)) {
      server.awaitReady(api);
      server.await(
          "the page's address",
          Duration.ofSeconds(10),
          () -> server.output().contains("http://localhost:" + port));
      server.await(
          "some scrapes of this machine",
          Duration.ofSeconds(60),
          () -> !api.query("count_over_time(node_load1[1m]) > 4").items().isEmpty());

      browser.go(
          api.base() + "/query?g0.expr=" + Api.encode(CPU) + "&g0.tab=graph&g0.range_input=5m");
      browser.await("a graph", "document.querySelector('[data-testid=graph-canvas]')");
      browser.await("drawn pixels", inked() + " > 200");
      Proof.says("the graph of this machine has %s drawn pixels", browser.evaluate(inked()));
      picture(browser, "graph");

      tableEqualsTheAnswer(browser, api);

      browser.go(api.base() + "/targets");
      browser.await(
          "two targets up",
          "[...document.querySelectorAll('[data-testid=target-health]')]"
              + ".filter(e => e.textContent.includes('up')).length == 2");
      picture(browser, "targets");

      browser.go(api.base() + "/");
      browser.await(
          "the welcome", "document.querySelectorAll('[data-testid=welcome-example]').length > 3");
      picture(browser, "welcome");

      assertThat(browser.complaints()).as("what the console says").isEmpty();
      assertThat(server.stop()).as(server.output()).isZero();
    }
  }

  /** The page and the API are asked for the same moment. */
  private static void tableEqualsTheAnswer(Browser browser, Api api) throws Exception {
    double now = api.query("time()").get(0).number();
    String moment = java.time.Instant.ofEpochSecond((long) now).toString().substring(0, 19);
    browser.go(
        api.base()
            + "/query?g0.expr="
            + Api.encode("{__name__=~\"up|node_load1|node_memory_MemTotal_bytes\"}")
            + "&g0.tab=table&g0.moment_input="
            + Api.encode(moment.replace('T', ' ')));
    browser.await("a table", "document.querySelectorAll('[data-testid=result-row]').length == 4");
    List<String> shown = new ArrayList<>();
    for (Json row :
        Json.parse(
                browser.evaluate(
                    "JSON.stringify([...document.querySelectorAll('[data-testid=result-row]')].map(r =>"
                        + " r.querySelector('[data-testid=result-series]').textContent + ' ' +"
                        + " r.querySelector('[data-testid=result-value]').textContent))"))
            .items()) {
      shown.add(row.text());
    }
    List<String> answered = new ArrayList<>();
    for (Json series :
        api.query(
                "{__name__=~\"up|node_load1|node_memory_MemTotal_bytes\"}",
                Long.toString((long) now))
            .items()) {
      answered.add(line(series));
    }
    assertThat(shown).containsExactlyInAnyOrderElementsOf(answered);
  }

  private static String line(Json series) {
    Json metric = series.get("metric");
    StringBuilder labels = new StringBuilder();
    for (String name : metric.names()) {
      if (!name.equals("__name__")) {
        labels
            .append(labels.isEmpty() ? "" : ",")
            .append(name)
            .append("=\"")
            .append(metric.get(name).text())
            .append('"');
      }
    }
    return metric.get("__name__").text() + "{" + labels + "} " + series.get("value").get(1).text();
  }

  /** How many pixels of the graph are neither transparent nor one of the frame's greys. */
  private static String inked() {
    // Read from a copy: a canvas that is read again and again makes the browser complain.
    return "(() => { const c = document.querySelector('[data-testid=graph-canvas]');"
        + " const o = new OffscreenCanvas(c.width, c.height).getContext('2d', {willReadFrequently:"
        + " true}); o.drawImage(c, 0, 0);"
        + " const d = o.getImageData(0, 0, c.width, c.height).data; let n = 0;"
        + " for (let i = 0; i < d.length; i += 4) { const m = Math.max(d[i], d[i+1], d[i+2]) -"
        + " Math.min(d[i], d[i+1], d[i+2]); if (d[i+3] > 100 && m > 40) n++; } return n; })()";
  }

  private static void picture(Browser browser, String name) throws Exception {
    browser.screenshot(
        ArchitectureTest.projectRoot().resolve("it/target/screenshots/" + name + ".png"));
  }
}
