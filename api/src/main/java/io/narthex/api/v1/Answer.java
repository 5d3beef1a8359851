package io.narthex.api.v1;

import io.narthex.base.json.JsonWriter;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint answers.
 *
 * @param data writes the data, or null where there is none to write
 * @param release lets go of what the data lies in
 */
record Answer(@Nullable Data data, List<String> warnings, List<String> infos, Runnable release)
    implements AutoCloseable {

  Answer(@Nullable Data data, List<String> warnings, List<String> infos) {
    this(data, warnings, infos, () -> {});
  }

  /** Lets go of what the data lies in, written or not. */
  @Override
  public void close() {
    release.run();
  }

  /** The answer without data. */
  static final Answer NONE = new Answer(null, List.of(), List.of());

  /** Writes one JSON value. */
  @FunctionalInterface
  interface Data {
    void write(JsonWriter json) throws IOException;
  }

  static Answer of(Data data) {
    return new Answer(data, List.of(), List.of());
  }

  static Answer of(Data data, List<String> warnings) {
    return new Answer(data, warnings, List.of());
  }
}
