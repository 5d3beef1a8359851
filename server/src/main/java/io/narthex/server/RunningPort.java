package io.narthex.server;

import io.narthex.api.port.RunningQueries;
import io.narthex.promql.engine.RunningQuery;
import java.util.List;

/** Shows the HTTP API the queries of the engine. */
final class RunningPort implements RunningQueries {

  private final io.narthex.promql.engine.RunningQueries running;

  RunningPort(io.narthex.promql.engine.RunningQueries running) {
    this.running = running;
  }

  @Override
  public List<Entry> list() {
    return running.list().stream().map(RunningPort::entry).toList();
  }

  private static Entry entry(RunningQuery.Picture picture) {
    RunningQuery.Question question = picture.question();
    State state =
        switch (picture.state()) {
          case WAITING -> State.WAITING;
          case RUNNING -> State.RUNNING;
          case WRITING -> State.WRITING;
        };
    return new Entry(
        picture.id(),
        question.text(),
        state,
        question.start(),
        question.end(),
        question.step(),
        picture.origin().client(),
        picture.arrived(),
        picture.ageNanos(),
        picture.samples(),
        picture.peakSamples(),
        picture.memory(),
        picture.peakMemory());
  }

  @Override
  public boolean cancel(long id) {
    return running.cancel(id);
  }
}
