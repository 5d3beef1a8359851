package io.narthex.tools.promtool;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.promql.parser.Parser;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.tools.readonly.ReadOnlyDatabase;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Prints the samples of a database, series by series. */
final class Dump {

  private static final int FLUSH = 1 << 16;

  private final PrintStream out;
  private final DumpFormat format;
  private final long minTime;
  private final long maxTime;
  private final StringBuilder text = new StringBuilder();
  private final SampleBuffer samples = new SampleBuffer();

  Dump(PrintStream out, DumpFormat format, long minTime, long maxTime) {
    this.out = out;
    this.format = format;
    this.minTime = minTime;
    this.maxTime = maxTime;
  }

  /**
   * @param selectors series that satisfy any of them are printed, once
   */
  void run(Path path, Path sandboxRoot, List<String> selectors) throws IOException {
    ReadOnlyDatabase database = new ReadOnlyDatabase(Disk.SYSTEM, path);
    List<List<Matcher>> matchers = new ArrayList<>();
    for (String selector : selectors) {
      matchers.add(Parser.parseSelector(selector));
    }
    database.query(sandboxRoot, minTime, maxTime, querier -> print(querier, matchers));
  }

  private void print(Querier querier, List<List<Matcher>> selectors) throws IOException {
    SelectHints hints = SelectHints.range(minTime, maxTime);
    List<SeriesSet> sets = new ArrayList<>();
    for (List<Matcher> matchers : selectors) {
      sets.add(querier.select(selectors.size() > 1, hints, matchers));
    }
    List<SeriesSet.Reader> readers = sets.stream().map(SeriesSet::reader).toList();
    int[] next = new int[sets.size()];
    while (true) {
      int least = -1;
      Labels labels = Labels.EMPTY;
      for (int i = 0; i < next.length; i++) {
        if (next[i] < sets.get(i).size()) {
          Labels its = sets.get(i).labels(next[i]);
          if (least < 0 || its.compareTo(labels) < 0) {
            least = i;
            labels = its;
          }
        }
      }
      if (least < 0) {
        break;
      }
      readers.get(least).read(next[least], minTime, maxTime, samples);
      format.series(labels, samples, text);
      if (text.length() > FLUSH) {
        flush();
      }
      for (int i = 0; i < next.length; i++) {
        if (next[i] < sets.get(i).size()
            && (i == least || sets.get(i).labels(next[i]).equals(labels))) {
          next[i]++;
        }
      }
    }
    format.end(text);
    flush();
  }

  private void flush() throws IOException {
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    text.setLength(0);
  }
}
