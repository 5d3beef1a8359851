package io.narthex.api.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.api.port.QueryResult;
import io.narthex.base.json.JsonWriter;
import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An answer goes out while it is read: what was written is on its way before more is read. */
class ResultJsonTest {

  private static final int SERIES = 200;
  private static final int SAMPLES = 500;
  // A buffer of JSON, and the series that was read last.
  private static final int MOST_BEHIND = 8 * 1024 + SAMPLES * 30;

  @Test
  void seriesAreOnTheirWayBeforeTheNextIsRead() throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    long[] written = new long[1];
    QueryResult.Series series =
        new QueryResult.Series() {
          @Override
          public boolean isMatrix() {
            return true;
          }

          @Override
          public int size() {
            return SERIES;
          }

          @Override
          public Labels labels(int number) {
            return Labels.of("n", Integer.toString(number));
          }

          @Override
          public void read(int number, SampleBuffer into) {
            assertThat(sent.size()).isGreaterThan(number * SAMPLES * 10 - MOST_BEHIND);
            into.clear();
            for (int i = 0; i < SAMPLES; i++) {
              into.add(i * 1000L, i / 7.0);
            }
            written[0]++;
          }
        };

    JsonWriter json = new JsonWriter(sent);
    ResultJson.write(
        json,
        new QueryResult(
            series, List.of(), List.of(), new QueryResult.Stats(0, 0, 0, 0, 0, 0, 0, null)),
        0,
        false);
    json.drain();

    assertThat(written[0]).isEqualTo(SERIES);
    assertThat(sent.toString(StandardCharsets.UTF_8)).startsWith("{\"resultType\":\"matrix\"");
  }

  @Test
  void stepsAreListedWhereTheyWereCounted() throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    JsonWriter json = new JsonWriter(sent);
    ResultJson.write(
        json,
        new QueryResult(
            new QueryResult.Scalar(1000, 2),
            List.of(),
            List.of(),
            new QueryResult.Stats(
                0,
                0,
                0,
                0,
                7,
                4,
                3,
                new QueryResult.Steps(1000, 500, List.of(3L, 4L), List.of(3L, 1L)))),
        0,
        true);
    json.drain();

    assertThat(sent.toString(StandardCharsets.UTF_8))
        .endsWith(
            "\"samples\":{\"totalQueryableSamplesPerStep\":[[1,3],[1.500,4]],"
                + "\"totalQueryableSamples\":7,\"samplesReadPerStep\":[[1,3],[1.500,1]],"
                + "\"samplesRead\":4,\"peakSamples\":3}}}");
  }
}
